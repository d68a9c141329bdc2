import type { Migration, MigrationDialect } from '../migration.ts';

/**
 * DDL commits implicitly, so each statement can be repeated after an interrupted run. MySQL has no
 * ADD COLUMN IF NOT EXISTS, so each such step reads the catalog and then runs the statement or
 * nothing. Tables of the original pipeline are kept with their rows. The binary collation
 * distinguishes `a`, `A` and `á`.
 */
const SERVING_TABLES: Migration = {
  number: 1,
  name: 'serving-tables',
  sql: `
CREATE TABLE IF NOT EXISTS customer_purchase_summary_staging (
  customer_id         INT,
  full_name           VARCHAR(255),
  email               VARCHAR(255),
  total_spent_aud     DECIMAL(18,2),
  first_purchase_date DATE,
  last_purchase_date  DATE
) ENGINE = InnoDB;

ALTER TABLE customer_purchase_summary_staging
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

SELECT IF(
  EXISTS (
    SELECT 1 FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'customer_purchase_summary_staging' AND column_name = 'staged_id'
  ),
  'DO 0',
  'ALTER TABLE customer_purchase_summary_staging
     ADD COLUMN staged_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     ADD COLUMN load_id   VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
     ADD COLUMN operation VARCHAR(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT ''upsert''
       CHECK (operation IN (''upsert'', ''delete'')),
     ADD INDEX customer_purchase_summary_staging_load (load_id, customer_id)'
) INTO @step;
PREPARE step FROM @step;
EXECUTE step;

CREATE TABLE IF NOT EXISTS customer_purchase_summary (
  customer_id         INT PRIMARY KEY,
  full_name           VARCHAR(255),
  email               VARCHAR(255),
  total_spent_aud     DECIMAL(18,2),
  first_purchase_date DATE,
  last_purchase_date  DATE
) ENGINE = InnoDB;

ALTER TABLE customer_purchase_summary
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

SELECT IF(
  EXISTS (
    SELECT 1 FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'customer_purchase_summary' AND column_name = 'updated_at'
  ),
  'DO 0',
  'ALTER TABLE customer_purchase_summary
     ADD COLUMN updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)'
) INTO @step;
PREPARE step FROM @step;
EXECUTE step;

SELECT IF(
  EXISTS (
    SELECT 1 FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND index_name = 'customer_purchase_summary_total_spent_aud'
  ),
  'DO 0',
  'CREATE INDEX customer_purchase_summary_total_spent_aud
     ON customer_purchase_summary (total_spent_aud DESC)'
) INTO @step;
PREPARE step FROM @step;
EXECUTE step;

-- The one row is there from the start, all NULL, so that the very first upsert has a row to lock.
CREATE TABLE IF NOT EXISTS customer_purchase_sync_state (
  only_row  BOOLEAN DEFAULT TRUE PRIMARY KEY CHECK (only_row),
  lake      VARCHAR(255),
  seq       BIGINT,
  commit    VARCHAR(64),
  synced_at TIMESTAMP(6) NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO customer_purchase_sync_state (only_row) VALUES (TRUE);
`,
};

/** The schema of MySQL 8.0.16 and later and MariaDB 10.8 and later. */
export const mysqlMigrations: MigrationDialect = {
  // A lock name is valid on the whole server, for the session; names over 64 characters are
  // refused.
  lock: "SELECT GET_LOCK(SHA1(CONCAT('customer_purchase_migrations ', DATABASE())), 300)",
  isKept: `
SELECT EXISTS (
  SELECT 1 FROM information_schema.tables
  WHERE table_schema = DATABASE() AND table_name = 'customer_purchase_migrations'
)`,
  createTable: `
CREATE TABLE IF NOT EXISTS customer_purchase_migrations (
  number     INT PRIMARY KEY,
  name       VARCHAR(255) NOT NULL,
  checksum   CHAR(64) NOT NULL,
  applied_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  applied: 'SELECT number, name, checksum FROM customer_purchase_migrations ORDER BY number',
  record: 'INSERT INTO customer_purchase_migrations (number, name, checksum) VALUES ($1, $2, $3)',
  migrations: [SERVING_TABLES],
};
