-- A small made-up ERP on PostgreSQL, with the habits that real ones have: rows without a date of change until someone
-- touches them, local times without a zone, codes filled up with blanks, documents that are cancelled or deleted.

CREATE SCHEMA sales;

CREATE TABLE sales.partner (
  code        char(8) PRIMARY KEY,
  "名称"      varchar(80) NOT NULL,
  salesman    varchar(10),
  region      varchar(20),
  terms_days  int,
  created_at  timestamp NOT NULL,
  updated_at  timestamp
);

CREATE TABLE sales.document (
  company     varchar(4) NOT NULL,
  doc_no      int NOT NULL,
  kind        char(2) NOT NULL,              -- IN invoice, CN credit note
  partner     char(8) NOT NULL REFERENCES sales.partner,
  doc_date    date NOT NULL,
  due_date    date,
  currency    char(3) NOT NULL,
  total       numeric(15,2) NOT NULL,
  cancelled   boolean NOT NULL DEFAULT false,
  created_at  timestamp NOT NULL,
  updated_at  timestamp,
  PRIMARY KEY (company, doc_no)
);

CREATE TABLE sales.receipt (
  id          bigint PRIMARY KEY,
  company     varchar(4) NOT NULL,
  partner     char(8) NOT NULL REFERENCES sales.partner,
  value_date  date NOT NULL,
  currency    char(3) NOT NULL,
  amount      numeric(15,2) NOT NULL,
  changed     timestamp NOT NULL
);

CREATE TABLE sales.applied (
  receipt_id  bigint NOT NULL REFERENCES sales.receipt,
  line        int NOT NULL,
  company     varchar(4) NOT NULL,
  doc_no      int NOT NULL,
  applied_on  date NOT NULL,
  amount      numeric(15,2) NOT NULL,
  changed     timestamp NOT NULL,
  PRIMARY KEY (receipt_id, line),
  FOREIGN KEY (company, doc_no) REFERENCES sales.document
);

-- What incremental reads ask for, in this order: the cursor, then the key.
CREATE INDEX ON sales.partner ((COALESCE(updated_at, created_at)), code);
CREATE INDEX ON sales.document ((COALESCE(updated_at, created_at)), company, doc_no);
CREATE INDEX ON sales.receipt (changed, id);
CREATE INDEX ON sales.applied (changed, receipt_id, line);
