-- Candles of 5 minutes and of an hour that keep themselves up to date from candles of a minute, as these are inserted, and views that read them.
-- A candle that is inserted again while it is still open (its volume grows, its high rises, its close moves) counts once: volume is kept minute by minute, close is that of the
-- newest record. What a correction lowers after the fact (a high, a volume) stays in a rollup; ohlcv itself is right.

CREATE TABLE IF NOT EXISTS ohlcv_5m_parts (
  timestamp DateTime('UTC') CODEC(Delta, ZSTD),
  symbol LowCardinality(String),
  exchange LowCardinality(String),
  open AggregateFunction(argMin, Decimal(38, 18), Tuple(DateTime64(3, 'UTC'), Int64)),
  high SimpleAggregateFunction(max, Decimal(38, 18)),
  low SimpleAggregateFunction(min, Decimal(38, 18)),
  close AggregateFunction(argMax, Decimal(38, 18), Tuple(DateTime64(3, 'UTC'), Int64)),
  volume AggregateFunction(maxMap, Map(UInt32, Decimal(38, 18)))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYear(timestamp)
ORDER BY (symbol, exchange, timestamp)
TTL timestamp + INTERVAL 5 YEAR
COMMENT 'Unfinished candles of 5 minutes; read ohlcv_5m.';

CREATE TABLE IF NOT EXISTS ohlcv_1h_parts (
  timestamp DateTime('UTC') CODEC(Delta, ZSTD),
  symbol LowCardinality(String),
  exchange LowCardinality(String),
  open AggregateFunction(argMin, Decimal(38, 18), Tuple(DateTime64(3, 'UTC'), Int64)),
  high SimpleAggregateFunction(max, Decimal(38, 18)),
  low SimpleAggregateFunction(min, Decimal(38, 18)),
  close AggregateFunction(argMax, Decimal(38, 18), Tuple(DateTime64(3, 'UTC'), Int64)),
  volume AggregateFunction(maxMap, Map(UInt32, Decimal(38, 18)))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYear(timestamp)
ORDER BY (symbol, exchange, timestamp)
COMMENT 'Unfinished candles of an hour; read ohlcv_1h.';

CREATE MATERIALIZED VIEW IF NOT EXISTS ohlcv_5m_roll TO ohlcv_5m_parts AS
SELECT toStartOfFiveMinutes(at) AS timestamp, symbol, exchange,
  argMinState(open, (at, -record)) AS open, max(high) AS high, min(low) AS low, argMaxState(close, (at, record)) AS close,
  maxMapState(map(toUInt32(toUnixTimestamp(at)), volume)) AS volume
FROM (SELECT timestamp AS at, toUnixTimestamp64Milli(recorded_at) AS record, symbol, exchange, open, high, low, close, volume FROM ohlcv WHERE timeframe = '1m')
GROUP BY timestamp, symbol, exchange;

CREATE MATERIALIZED VIEW IF NOT EXISTS ohlcv_1h_roll TO ohlcv_1h_parts AS
SELECT toStartOfHour(at) AS timestamp, symbol, exchange,
  argMinState(open, (at, -record)) AS open, max(high) AS high, min(low) AS low, argMaxState(close, (at, record)) AS close,
  maxMapState(map(toUInt32(toUnixTimestamp(at)), volume)) AS volume
FROM (SELECT timestamp AS at, toUnixTimestamp64Milli(recorded_at) AS record, symbol, exchange, open, high, low, close, volume FROM ohlcv WHERE timeframe = '1m')
GROUP BY timestamp, symbol, exchange;

CREATE VIEW IF NOT EXISTS ohlcv_5m AS
SELECT timestamp, symbol, exchange, argMinMerge(p.open) AS open, max(p.high) AS high, min(p.low) AS low, argMaxMerge(p.close) AS close,
  arraySum(mapValues(maxMapMerge(p.volume))) AS volume
FROM ohlcv_5m_parts AS p GROUP BY timestamp, symbol, exchange;

CREATE VIEW IF NOT EXISTS ohlcv_1h AS
SELECT timestamp, symbol, exchange, argMinMerge(p.open) AS open, max(p.high) AS high, min(p.low) AS low, argMaxMerge(p.close) AS close,
  arraySum(mapValues(maxMapMerge(p.volume))) AS volume
FROM ohlcv_1h_parts AS p GROUP BY timestamp, symbol, exchange;

CREATE VIEW IF NOT EXISTS ohlcv_1d AS
SELECT toStartOfDay(p.timestamp) AS timestamp, symbol, exchange, argMinMerge(p.open) AS open, max(p.high) AS high, min(p.low) AS low, argMaxMerge(p.close) AS close,
  arraySum(mapValues(maxMapMerge(p.volume))) AS volume
FROM ohlcv_1h_parts AS p GROUP BY timestamp, symbol, exchange;

-- Candles of a day: as they were recorded, or rolled up from minutes where no day was.
CREATE VIEW IF NOT EXISTS ohlcv_daily AS
SELECT day AS timestamp, symbol, exchange, argMin(d.open, rank) AS open, argMin(d.high, rank) AS high, argMin(d.low, rank) AS low, argMin(d.close, rank) AS close,
  argMin(d.volume, rank) AS volume
FROM (
  SELECT toDateTime64(timestamp, 3, 'UTC') AS day, symbol, exchange, open, high, low, close, volume, 0 AS rank FROM ohlcv FINAL WHERE timeframe = '1d'
  UNION ALL
  SELECT toDateTime64(timestamp, 3, 'UTC') AS day, symbol, exchange, open, high, low, close, volume, 1 AS rank FROM ohlcv_1d
) AS d
GROUP BY timestamp, symbol, exchange;
