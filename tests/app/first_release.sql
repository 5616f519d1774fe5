BEGIN TRANSACTION;
CREATE TABLE application_versions (
    version_id TEXT NOT NULL PRIMARY KEY,
    version_name TEXT NOT NULL UNIQUE,
    version_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL);
INSERT INTO "application_versions" VALUES('230f08c3-9254-4fb0-b8ca-060e7e8dbc54','1',1795601451000,1795601451000,'tidewaiter');
CREATE TABLE dbos_migrations (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO "dbos_migrations" VALUES(125);
CREATE TABLE notifications (
    message_uuid TEXT NOT NULL DEFAULT (hex(randomblob(16))) PRIMARY KEY,
    destination_uuid TEXT NOT NULL,
    topic TEXT,
    message TEXT NOT NULL,
    created_at_epoch_ms INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000), "serialization" TEXT DEFAULT NULL, "consumed" BOOLEAN NOT NULL DEFAULT FALSE, consumed_by_function_id INTEGER,
    FOREIGN KEY (destination_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE "operation_outputs" (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    function_name TEXT NOT NULL DEFAULT '',
    output TEXT,
    error TEXT,
    child_workflow_id TEXT,
    started_at_epoch_ms INTEGER,
    completed_at_epoch_ms INTEGER,
    serialization TEXT,
    application_name TEXT DEFAULT NULL,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    PRIMARY KEY (workflow_uuid, function_id)
);
CREATE TABLE queues (
    queue_id TEXT PRIMARY KEY DEFAULT (hex(randomblob(16))),
    name TEXT NOT NULL UNIQUE,
    concurrency INTEGER,
    worker_concurrency INTEGER,
    rate_limit_max INTEGER,
    rate_limit_period_sec REAL,
    priority_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    partition_queue BOOLEAN NOT NULL DEFAULT FALSE,
    polling_interval_sec REAL NOT NULL DEFAULT 1.0,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL, "partition_concurrency" INTEGER DEFAULT NULL, "partition_worker_concurrency" INTEGER DEFAULT NULL, "partition_rate_limit_max" INTEGER DEFAULT NULL, "partition_rate_limit_period_sec" REAL DEFAULT NULL);
INSERT INTO "queues" VALUES('FEDEBE81A99CB6706AC1C6F3C35DA003','jobs',NULL,2,NULL,NULL,1,1,0.05,1795601451000,1795601451702,'tidewaiter',1,NULL,NULL,NULL);
CREATE TABLE streams (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    "offset" INTEGER NOT NULL, function_id INTEGER NOT NULL DEFAULT 0, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key, "offset"),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE tidewaiter_executor (
	id VARCHAR NOT NULL, 
	started_at FLOAT NOT NULL, 
	beat_at FLOAT NOT NULL, 
	taken_by VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "tidewaiter_executor" VALUES('02a0842bb6bd4d958637d16a880c156f',1.79560145150612115e+09,1.79560145178370285e+09,NULL);
CREATE TABLE tidewaiter_job (
	id VARCHAR NOT NULL, 
	delivery VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	head_sha VARCHAR NOT NULL, 
	as_of FLOAT NOT NULL, 
	accepted_at BIGINT NOT NULL, 
	state VARCHAR NOT NULL, 
	attempt INTEGER NOT NULL, 
	starts INTEGER NOT NULL, 
	reason VARCHAR NOT NULL, 
	changed_at FLOAT NOT NULL, 
	content VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "tidewaiter_job" VALUES('g3/70/3/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','g3','70/3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1777896000.0,1795601451750685373,'queued',1,0,'',1.79560145175070929e+09,'{"action": "opened", "as_of": "2026-05-04T12:00:00+00:00", "asked": null, "delivery": "g3", "event": "pull_request", "head_sha": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "installation_id": 7, "owner": "acme", "pull_number": 3, "received_at": "2026-05-04T12:00:00+00:00", "repository": "ship", "repository_id": 70}');
INSERT INTO "tidewaiter_job" VALUES('g1/70/1/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','g1','70/1','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1777896000.0,1795601451803465654,'running',1,1,'',1.79560145281216645e+09,'{"action": "opened", "as_of": "2026-05-04T12:00:00+00:00", "asked": null, "delivery": "g1", "event": "pull_request", "head_sha": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "installation_id": 7, "owner": "acme", "pull_number": 1, "received_at": "2026-05-04T12:00:00+00:00", "repository": "ship", "repository_id": 70}');
INSERT INTO "tidewaiter_job" VALUES('g2/70/2/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','g2','70/2','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1777896000.0,1795601451822438487,'queued',1,0,'',1.79560145182245612e+09,'{"action": "opened", "as_of": "2026-05-04T12:00:00+00:00", "asked": null, "delivery": "g2", "event": "pull_request", "head_sha": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "installation_id": 7, "owner": "acme", "pull_number": 2, "received_at": "2026-05-04T12:00:00+00:00", "repository": "ship", "repository_id": 70}');
INSERT INTO "tidewaiter_job" VALUES('g4/70/4/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','g4','70/4','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1777896000.0,1795601451844056607,'running',1,1,'',1.79560145281348276e+09,'{"action": "opened", "as_of": "2026-05-04T12:00:00+00:00", "asked": null, "delivery": "g4", "event": "pull_request", "head_sha": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "installation_id": 7, "owner": "acme", "pull_number": 4, "received_at": "2026-05-04T12:00:00+00:00", "repository": "ship", "repository_id": 70}');
CREATE TABLE workflow_events (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events_history (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, function_id, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_input (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    inputs TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_input" VALUES('g3/70/3/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#1','gASVTgAAAAAAAAB9lCiMBGFyZ3OUjDBnMy83MC8zL2FhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWGUSwGGlIwGa3dhcmdzlH2UdS4=',1795601451000);
INSERT INTO "workflow_input" VALUES('g1/70/1/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#1','gASVTgAAAAAAAAB9lCiMBGFyZ3OUjDBnMS83MC8xL2FhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWGUSwGGlIwGa3dhcmdzlH2UdS4=',1795601451000);
INSERT INTO "workflow_input" VALUES('g2/70/2/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#1','gASVTgAAAAAAAAB9lCiMBGFyZ3OUjDBnMi83MC8yL2FhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWGUSwGGlIwGa3dhcmdzlH2UdS4=',1795601451000);
INSERT INTO "workflow_input" VALUES('g4/70/4/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#1','gASVTgAAAAAAAAB9lCiMBGFyZ3OUjDBnNC83MC80L2FhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWGUSwGGlIwGa3dhcmdzlH2UdS4=',1795601451000);
CREATE TABLE workflow_output (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    output TEXT,
    error TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
CREATE TABLE workflow_schedules (
    schedule_id TEXT PRIMARY KEY,
    schedule_name TEXT NOT NULL UNIQUE,
    workflow_name TEXT NOT NULL,
    workflow_class_name TEXT,
    schedule TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'ACTIVE',
    context TEXT NOT NULL
, "last_fired_at" TEXT DEFAULT NULL, "automatic_backfill" BOOLEAN NOT NULL DEFAULT FALSE, "cron_timezone" TEXT DEFAULT NULL, "queue_name" TEXT DEFAULT NULL, "application_name" TEXT DEFAULT NULL);
CREATE TABLE workflow_status (
    workflow_uuid TEXT PRIMARY KEY,
    status TEXT,
    name TEXT,
    authenticated_user TEXT,
    assumed_role TEXT,
    authenticated_roles TEXT,
    request TEXT,
    output TEXT,
    error TEXT,
    executor_id TEXT,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    application_version TEXT,
    application_id TEXT,
    class_name TEXT DEFAULT NULL,
    config_name TEXT DEFAULT NULL,
    recovery_attempts INTEGER DEFAULT 0,
    queue_name TEXT,
    workflow_timeout_ms INTEGER,
    workflow_deadline_epoch_ms INTEGER,
    inputs TEXT,
    started_at_epoch_ms INTEGER,
    deduplication_id TEXT,
    priority INTEGER NOT NULL DEFAULT 0
, queue_partition_key TEXT, forked_from TEXT, "owner_xid" TEXT DEFAULT NULL, "parent_workflow_id" TEXT DEFAULT NULL, "serialization" TEXT DEFAULT NULL, "delay_until_epoch_ms" BIGINT DEFAULT NULL, "was_forked_from" BOOLEAN NOT NULL DEFAULT FALSE, "rate_limited" BOOLEAN NOT NULL DEFAULT FALSE, "completed_at" BIGINT, "attributes" TEXT, "schedule_name" TEXT, "debounce_deadline_epoch_ms" BIGINT DEFAULT NULL, "is_debounced" BOOLEAN NOT NULL DEFAULT FALSE, "application_name" TEXT DEFAULT NULL, "creator_xid" TEXT DEFAULT NULL);
INSERT INTO "workflow_status" VALUES('g3/70/3/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#1','ENQUEUED','attempt',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795601451000,1795601451000,'1',NULL,NULL,NULL,0,'jobs',NULL,NULL,NULL,NULL,NULL,0,'70/3',NULL,NULL,NULL,'py_pickle',NULL,0,0,NULL,'null',NULL,NULL,0,'tidewaiter','dc24a02c-81c1-415f-87cd-df792d6086de');
INSERT INTO "workflow_status" VALUES('g1/70/1/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#1','PENDING','attempt',NULL,NULL,NULL,NULL,NULL,NULL,'02a0842bb6bd4d958637d16a880c156f',1795601451000,1795601452000,'1',NULL,NULL,NULL,1,'jobs',NULL,NULL,NULL,1795601452000,NULL,0,'70/1',NULL,'777ea732-c5f5-4fff-ada3-d399a441fd28',NULL,'py_pickle',NULL,0,0,NULL,'null',NULL,NULL,0,'tidewaiter','015417f9-f4a9-4443-ba07-4ea35784809a');
INSERT INTO "workflow_status" VALUES('g2/70/2/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#1','ENQUEUED','attempt',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795601451000,1795601451000,'1',NULL,NULL,NULL,0,'jobs',NULL,NULL,NULL,NULL,NULL,0,'70/2',NULL,NULL,NULL,'py_pickle',NULL,0,0,NULL,'null',NULL,NULL,0,'tidewaiter','3f2a3a5c-180d-49ca-8cba-17e05de391ac');
INSERT INTO "workflow_status" VALUES('g4/70/4/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#1','PENDING','attempt',NULL,NULL,NULL,NULL,NULL,NULL,'02a0842bb6bd4d958637d16a880c156f',1795601451000,1795601452000,'1',NULL,NULL,NULL,1,'jobs',NULL,NULL,NULL,1795601452000,NULL,0,'70/4',NULL,'777ea732-c5f5-4fff-ada3-d399a441fd28',NULL,'py_pickle',NULL,0,0,NULL,'null',NULL,NULL,0,'tidewaiter','d288ca1f-ab41-4814-ba43-6c5f6b35490c');
CREATE INDEX ix_tidewaiter_job_delivery ON tidewaiter_job (delivery);
CREATE INDEX tidewaiter_job_newest ON tidewaiter_job (subject, as_of, accepted_at);
CREATE INDEX ix_tidewaiter_job_state ON tidewaiter_job (state);
CREATE INDEX workflow_status_created_at_index ON workflow_status (created_at);
CREATE INDEX idx_workflow_topic ON notifications (destination_uuid, topic);
CREATE INDEX "idx_workflow_status_delayed" ON "workflow_status" ("delay_until_epoch_ms") WHERE status = 'DELAYED';
CREATE INDEX "idx_workflow_status_forked_from" ON "workflow_status" ("forked_from") WHERE "forked_from" IS NOT NULL;
CREATE INDEX "idx_workflow_status_parent_workflow_id" ON "workflow_status" ("parent_workflow_id") WHERE "parent_workflow_id" IS NOT NULL;
CREATE UNIQUE INDEX "uq_workflow_status_dedup_id" ON "workflow_status" ("queue_name", "deduplication_id") WHERE "deduplication_id" IS NOT NULL;
CREATE INDEX "idx_workflow_status_pending" ON "workflow_status" ("created_at") WHERE "status" = 'PENDING';
CREATE INDEX "idx_workflow_status_failed" ON "workflow_status" ("status", "created_at") WHERE "status" IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
CREATE INDEX "idx_workflow_status_rate_limited" ON "workflow_status" ("queue_name", "started_at_epoch_ms") WHERE "rate_limited" = TRUE;
CREATE INDEX "idx_workflow_status_completed_at" ON "workflow_status" ("completed_at") WHERE "completed_at" IS NOT NULL;
CREATE INDEX "idx_workflow_status_started_at" ON "workflow_status" ("started_at_epoch_ms") WHERE "started_at_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_workflow_status_schedule_name" ON "workflow_status" ("schedule_name") WHERE "schedule_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_owner_version"
    ON application_versions ("application_name", "version_name")
    WHERE "application_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_unclaimed_version"
    ON application_versions ("version_name")
    WHERE "application_name" IS NULL;
CREATE INDEX idx_workflow_input_retention
    ON workflow_input (retention_timestamp);
CREATE INDEX idx_workflow_output_retention
    ON workflow_output (retention_timestamp);
CREATE INDEX idx_operation_outputs_retention
    ON operation_outputs (retention_timestamp);
CREATE INDEX "idx_workflow_status_in_flight_v2" ON "workflow_status" ("queue_name", "status", "priority", "created_at", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING');
CREATE INDEX "idx_workflow_status_partition_dequeue_v3" ON "workflow_status" ("queue_name", "status", "queue_partition_key", "priority", "created_at", "workflow_uuid", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING') AND "queue_partition_key" IS NOT NULL;
CREATE INDEX "idx_operation_outputs_completed_at_function_name_v2" ON "operation_outputs" ("completed_at_epoch_ms", "function_name", "application_name");
CREATE INDEX "idx_workflow_status_deadline" ON "workflow_status" ("workflow_deadline_epoch_ms") WHERE "status" IN ('ENQUEUED', 'PENDING', 'DELAYED') AND "workflow_deadline_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_application_versions_timestamp" ON "application_versions" ("version_timestamp" DESC);
CREATE INDEX "idx_application_versions_owner_timestamp" ON "application_versions" ("application_name", "version_timestamp" DESC);
COMMIT;