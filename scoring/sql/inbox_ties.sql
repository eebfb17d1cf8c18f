-- Article 1, for what the push inbox keeps: it goes with the grant, in the withdrawal's own transaction.
ALTER TABLE {schema}.scoring_sighting ADD CONSTRAINT sighting_under_open_grant
    FOREIGN KEY (person_id, grant_id) REFERENCES {schema}.consent_opengrant (person_id, grant_id) ON DELETE CASCADE;
ALTER TABLE {schema}.scoring_handle ADD CONSTRAINT handle_under_open_grant
    FOREIGN KEY (person_id, grant_id) REFERENCES {schema}.consent_opengrant (person_id, grant_id) ON DELETE CASCADE;
