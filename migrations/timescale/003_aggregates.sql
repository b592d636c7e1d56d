-- hub: needs timescaledb
-- Candles of 5 minutes, an hour and a day that keep themselves up to date, from ticks and from candles of a minute; each stands on the one before. What is not refreshed
-- yet is computed when it is read. The windows end short of what their tables keep: a refresh of rows that are gone would remove what was made of them.

CREATE MATERIALIZED VIEW IF NOT EXISTS ticks_5m WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('5 minutes', timestamp) AS timestamp, symbol, exchange, first(price, timestamp) AS open, max(price) AS high, min(price) AS low, last(price, timestamp) AS close,
  sum(amount) AS volume, count(*) AS trades
FROM ticks GROUP BY 1, 2, 3 WITH NO DATA;
CREATE MATERIALIZED VIEW IF NOT EXISTS ticks_1h WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 hour', timestamp) AS timestamp, symbol, exchange, first(open, timestamp) AS open, max(high) AS high, min(low) AS low, last(close, timestamp) AS close,
  sum(volume) AS volume, sum(trades)::bigint AS trades
FROM ticks_5m GROUP BY 1, 2, 3 WITH NO DATA;
CREATE MATERIALIZED VIEW IF NOT EXISTS ticks_1d WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 day', timestamp) AS timestamp, symbol, exchange, first(open, timestamp) AS open, max(high) AS high, min(low) AS low, last(close, timestamp) AS close,
  sum(volume) AS volume, sum(trades)::bigint AS trades
FROM ticks_1h GROUP BY 1, 2, 3 WITH NO DATA;

CREATE MATERIALIZED VIEW IF NOT EXISTS ohlcv_5m WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('5 minutes', timestamp) AS timestamp, symbol, exchange, first(open, timestamp) AS open, max(high) AS high, min(low) AS low, last(close, timestamp) AS close,
  sum(volume) AS volume
FROM ohlcv
WHERE timeframe = '1m' GROUP BY 1, 2, 3 WITH NO DATA;
CREATE MATERIALIZED VIEW IF NOT EXISTS ohlcv_1h WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 hour', timestamp) AS timestamp, symbol, exchange, first(open, timestamp) AS open, max(high) AS high, min(low) AS low, last(close, timestamp) AS close,
  sum(volume) AS volume
FROM ohlcv_5m GROUP BY 1, 2, 3 WITH NO DATA;
CREATE MATERIALIZED VIEW IF NOT EXISTS ohlcv_1d WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 day', timestamp) AS timestamp, symbol, exchange, first(open, timestamp) AS open, max(high) AS high, min(low) AS low, last(close, timestamp) AS close,
  sum(volume) AS volume
FROM ohlcv_1h GROUP BY 1, 2, 3 WITH NO DATA;

SELECT set_chunk_time_interval('ticks_5m', INTERVAL '7 days');
SELECT set_chunk_time_interval('ticks_1h', INTERVAL '7 days');
SELECT set_chunk_time_interval('ticks_1d', INTERVAL '1 year');
SELECT add_continuous_aggregate_policy('ticks_5m', start_offset => INTERVAL '6 days', end_offset => INTERVAL '5 minutes', schedule_interval => INTERVAL '5 minutes', if_not_exists => true);
SELECT add_continuous_aggregate_policy('ticks_1h', start_offset => INTERVAL '6 days', end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '30 minutes', if_not_exists => true);
SELECT add_continuous_aggregate_policy('ticks_1d', start_offset => INTERVAL '6 days', end_offset => INTERVAL '1 day', schedule_interval => INTERVAL '1 hour', if_not_exists => true);
SELECT add_retention_policy('ticks_5m', INTERVAL '30 days', if_not_exists => true);
SELECT add_retention_policy('ticks_1h', INTERVAL '30 days', if_not_exists => true);
SELECT set_chunk_time_interval('ohlcv_5m', INTERVAL '7 days');
SELECT set_chunk_time_interval('ohlcv_1h', INTERVAL '7 days');
SELECT set_chunk_time_interval('ohlcv_1d', INTERVAL '1 year');
SELECT add_continuous_aggregate_policy('ohlcv_5m', start_offset => INTERVAL '25 days', end_offset => INTERVAL '5 minutes', schedule_interval => INTERVAL '5 minutes', if_not_exists => true);
SELECT add_continuous_aggregate_policy('ohlcv_1h', start_offset => INTERVAL '25 days', end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '30 minutes', if_not_exists => true);
SELECT add_continuous_aggregate_policy('ohlcv_1d', start_offset => INTERVAL '25 days', end_offset => INTERVAL '1 day', schedule_interval => INTERVAL '1 hour', if_not_exists => true);
SELECT add_retention_policy('ohlcv_5m', INTERVAL '30 days', if_not_exists => true);
SELECT add_retention_policy('ohlcv_1h', INTERVAL '30 days', if_not_exists => true);
