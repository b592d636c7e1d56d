-- hub: needs timescaledb
-- hub: one statement at a time
-- What the tables held before there were aggregates. Later windows are refreshed by the policies; this cannot run inside a transaction.
CALL refresh_continuous_aggregate('ticks_5m', NULL, NULL);
CALL refresh_continuous_aggregate('ticks_1h', NULL, NULL);
CALL refresh_continuous_aggregate('ticks_1d', NULL, NULL);
CALL refresh_continuous_aggregate('ohlcv_5m', NULL, NULL);
CALL refresh_continuous_aggregate('ohlcv_1h', NULL, NULL);
CALL refresh_continuous_aggregate('ohlcv_1d', NULL, NULL);
