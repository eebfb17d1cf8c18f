-- A correction goes with the grant under which its number was counted (Article 1).
ALTER TABLE {schema}.scoring_correction ADD CONSTRAINT correction_under_open_grant
    FOREIGN KEY (person_id, grant_id) REFERENCES {schema}.consent_opengrant (person_id, grant_id) ON DELETE CASCADE;
