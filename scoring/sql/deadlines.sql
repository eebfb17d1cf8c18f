-- While an erasure or the review of a hold is overdue, no score is written and no run begun (Article 5).
CREATE TRIGGER scoring_run_stands_still BEFORE INSERT ON {schema}.scoring_run
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.consent_stands_still();
CREATE TRIGGER scoring_score_stands_still BEFORE INSERT ON {schema}.scoring_score
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.consent_stands_still();
