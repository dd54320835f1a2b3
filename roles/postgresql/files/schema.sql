-- Written by role postgresql from roles/postgresql/files/schema.sql.
-- Edits here are lost; change inventories/<deployment>/seatworks.yml.

SELECT to_regclass('public.schema_version') IS NULL AS without_version \gset
\if :without_version
CREATE TABLE schema_version (
    version integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);
\endif

-- A step per version, never changed afterwards: a later one is added below.
SELECT NOT EXISTS (SELECT FROM schema_version WHERE version = 1) AS step \gset
\if :step
CREATE TABLE call_detail (
    linkedid text,
    uniqueid text,
    server text,
    sequence integer,
    started_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    caller text,
    called text,
    menu_digit text,
    queue text,
    seat text,
    duration_s integer,
    talk_s integer,
    disposition text,
    recording text,
    PRIMARY KEY (server, uniqueid, sequence)
);
COMMENT ON TABLE call_detail IS 'One row for each leg of a call; linkedid joins the legs of one call.';
CREATE INDEX call_detail_linkedid ON call_detail (linkedid);
CREATE INDEX call_detail_started_at ON call_detail (started_at);
INSERT INTO schema_version (version) VALUES (1);
\endif

-- Insert and read; a call that took place is not changed or removed by the server that carried it.
SELECT format('GRANT %s ON call_detail TO %I', privilege, duty)
  FROM (VALUES ('call_detail_writer', 'INSERT'),
               ('call_detail_writer', 'SELECT'),
               ('call_detail_reader', 'SELECT')) AS wanted (duty, privilege)
 WHERE NOT has_table_privilege(duty, 'call_detail', privilege) \gexec
