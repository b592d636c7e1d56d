-- hub: needs timescaledb
-- Rows that are there already move into chunks. A chunk is a table with indexes of its own, and a query without a time locks all of them: candles, which are kept for
-- decades where they are of a day, lie in chunks of 30 days, not of 7.
SELECT create_hypertable('ohlcv', by_range('timestamp', INTERVAL '30 days'), create_default_indexes => false, migrate_data => true, if_not_exists => true);
SELECT create_hypertable('ticks', by_range('timestamp', INTERVAL '1 day'), create_default_indexes => false, migrate_data => true, if_not_exists => true);
SELECT create_hypertable('order_books', by_range('timestamp', INTERVAL '1 day'), create_default_indexes => false, migrate_data => true, if_not_exists => true);
SELECT create_hypertable('signals', by_range('timestamp', INTERVAL '30 days'), create_default_indexes => false, migrate_data => true, if_not_exists => true);
SELECT create_hypertable('analyses', by_range('timestamp', INTERVAL '30 days'), create_default_indexes => false, migrate_data => true, if_not_exists => true);

-- Segments are what queries name, so that a compressed chunk is read by one series, and candles of one timeframe go without unpacking those of the others.
ALTER TABLE ohlcv SET (timescaledb.compress, timescaledb.compress_segmentby = 'symbol, exchange, timeframe', timescaledb.compress_orderby = 'timestamp DESC');
ALTER TABLE ticks SET (timescaledb.compress, timescaledb.compress_segmentby = 'symbol, exchange', timescaledb.compress_orderby = 'timestamp DESC, id');
ALTER TABLE order_books SET (timescaledb.compress, timescaledb.compress_segmentby = 'symbol, exchange', timescaledb.compress_orderby = 'timestamp DESC');
ALTER TABLE signals SET (timescaledb.compress, timescaledb.compress_segmentby = 'symbol, exchange, timeframe', timescaledb.compress_orderby = 'timestamp DESC, agent, signal');
ALTER TABLE analyses SET (timescaledb.compress, timescaledb.compress_segmentby = 'symbol, exchange, timeframe', timescaledb.compress_orderby = 'timestamp DESC, agent, analysis');
SELECT add_compression_policy('ohlcv', INTERVAL '7 days', if_not_exists => true);
SELECT add_compression_policy('ticks', INTERVAL '1 day', if_not_exists => true);
SELECT add_compression_policy('order_books', INTERVAL '1 day', if_not_exists => true);
SELECT add_compression_policy('signals', INTERVAL '30 days', if_not_exists => true);
SELECT add_compression_policy('analyses', INTERVAL '30 days', if_not_exists => true);

SELECT add_retention_policy('ticks', INTERVAL '7 days', if_not_exists => true);
SELECT add_retention_policy('order_books', INTERVAL '7 days', if_not_exists => true);

-- Candles of all timeframes lie in one table, and a retention policy would drop whole chunks, days with the minutes. So a job of the hub's own removes what is older than
-- drop_after and of no timeframe to keep: a chunk without any of those goes whole, from the others the rows go.
CREATE OR REPLACE PROCEDURE hub_data.drop_old_candles(job_id integer, config jsonb) LANGUAGE plpgsql AS $$
DECLARE
  candles regclass := (config ->> 'table')::regclass;
  cutoff timestamptz := now() - (config ->> 'drop_after')::interval;
  keep text[] := ARRAY(SELECT jsonb_array_elements_text(config -> 'keep'));
  piece record;
  keeps_some boolean;
BEGIN
  FOR piece IN
    SELECT range_start, range_end FROM timescaledb_information.chunks
    WHERE format('%I.%I', hypertable_schema, hypertable_name)::regclass = candles AND range_start < cutoff ORDER BY range_start
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE timestamp >= $1 AND timestamp < $2 AND timeframe = ANY ($3))', candles)
      INTO keeps_some USING piece.range_start, piece.range_end, keep;
    IF piece.range_end <= cutoff AND NOT keeps_some THEN
      PERFORM drop_chunks(candles, older_than => piece.range_end, newer_than => piece.range_start);
    ELSE
      EXECUTE format('DELETE FROM %s WHERE timestamp >= $1 AND timestamp < $2 AND timeframe <> ALL ($3)', candles)
        USING piece.range_start, least(piece.range_end, cutoff), keep;
    END IF;
    -- Chunk by chunk, so that a long backlog is no long transaction.
    COMMIT;
  END LOOP;
END $$;
SELECT add_job('hub_data.drop_old_candles', INTERVAL '1 day',
  config => (SELECT jsonb_build_object('table', format('%I.%I', n.nspname, c.relname), 'drop_after', '30 days', 'keep', jsonb_build_array('1d', '3d', '1w', '1M'))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = 'ohlcv'::regclass))
WHERE NOT EXISTS (SELECT FROM timescaledb_information.jobs WHERE proc_schema = 'hub_data' AND proc_name = 'drop_old_candles');
