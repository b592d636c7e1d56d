-- What the hub records of markets, for years. Prices and amounts are decimals: they stay exact. The same tables and words as in TimescaleDB: timestamp, symbol, exchange, timeframe.
-- Every table replaces by its sorting key: a row written again is one row where FINAL is said, and the one recorded last wins. Every statement here may run again.
-- Candles below an hour, ticks and order books go after two years; candles of an hour and more stay, signals and analyses for ten years.

CREATE TABLE IF NOT EXISTS ohlcv (
  timestamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  symbol LowCardinality(String),
  exchange LowCardinality(String),
  timeframe LowCardinality(String),
  open Decimal(38, 18) CODEC(ZSTD),
  high Decimal(38, 18) CODEC(ZSTD),
  low Decimal(38, 18) CODEC(ZSTD),
  close Decimal(38, 18) CODEC(ZSTD),
  volume Decimal(38, 18) CODEC(ZSTD),
  recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD)
)
ENGINE = ReplacingMergeTree(recorded_at)
PARTITION BY toYear(timestamp)
ORDER BY (symbol, exchange, timeframe, timestamp)
TTL toDateTime(timestamp) + INTERVAL 2 YEAR DELETE WHERE timeframe IN ('1m', '3m', '5m', '15m', '30m')
COMMENT 'Candles of every market: 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w. timestamp is when the candle opened. Read it with FINAL.';

CREATE TABLE IF NOT EXISTS ticks (
  timestamp DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
  symbol LowCardinality(String),
  exchange LowCardinality(String),
  id String DEFAULT '' CODEC(ZSTD),
  price Decimal(38, 18) CODEC(ZSTD),
  amount Decimal(38, 18) CODEC(ZSTD),
  side LowCardinality(Nullable(String)),
  recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD)
)
ENGINE = ReplacingMergeTree(recorded_at)
PARTITION BY toYYYYMM(timestamp)
ORDER BY (symbol, exchange, timestamp, id)
TTL toDateTime(timestamp) + INTERVAL 2 YEAR
SETTINGS ttl_only_drop_parts = 1
COMMENT 'Trades as venues report them. id is the venue’s own number of the trade; side is the taker’s: buy or sell. Read it with FINAL.';

CREATE TABLE IF NOT EXISTS order_books (
  timestamp DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
  symbol LowCardinality(String),
  exchange LowCardinality(String),
  bids Array(Tuple(Decimal(38, 18), Decimal(38, 18))) CODEC(ZSTD),
  asks Array(Tuple(Decimal(38, 18), Decimal(38, 18))) CODEC(ZSTD),
  sequence Nullable(Int64),
  recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD)
)
ENGINE = ReplacingMergeTree(recorded_at)
PARTITION BY toYYYYMM(timestamp)
ORDER BY (symbol, exchange, timestamp)
TTL toDateTime(timestamp) + INTERVAL 2 YEAR
SETTINGS ttl_only_drop_parts = 1
COMMENT 'Snapshots of order books. bids and asks are lists of (price, amount), best first; sequence is the venue’s own. Read it with FINAL.';

CREATE TABLE IF NOT EXISTS signals (
  timestamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  symbol LowCardinality(String),
  exchange LowCardinality(String) DEFAULT '',
  timeframe LowCardinality(String) DEFAULT '',
  agent LowCardinality(String),
  signal LowCardinality(String),
  strength Nullable(Decimal(38, 18)),
  price Nullable(Decimal(38, 18)),
  details Nullable(String) CODEC(ZSTD),
  recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD)
)
ENGINE = ReplacingMergeTree(recorded_at)
PARTITION BY toYear(timestamp)
ORDER BY (symbol, exchange, timeframe, timestamp, agent, signal)
TTL toDateTime(timestamp) + INTERVAL 10 YEAR
COMMENT 'What agents saw: buy, sell, breakout, …, how strongly, and at which price. details is JSON. Read it with FINAL.';

CREATE TABLE IF NOT EXISTS analyses (
  timestamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  symbol LowCardinality(String),
  exchange LowCardinality(String) DEFAULT '',
  timeframe LowCardinality(String) DEFAULT '',
  agent LowCardinality(String),
  analysis LowCardinality(String),
  summary Nullable(String) CODEC(ZSTD),
  details Nullable(String) CODEC(ZSTD),
  recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD)
)
ENGINE = ReplacingMergeTree(recorded_at)
PARTITION BY toYear(timestamp)
ORDER BY (symbol, exchange, timeframe, timestamp, agent, analysis)
TTL toDateTime(timestamp) + INTERVAL 10 YEAR
COMMENT 'What agents concluded: which analysis, in a sentence, and with its figures. details is JSON. Read it with FINAL.';
