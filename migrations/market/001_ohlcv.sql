-- Candles of every market. Prices and volumes are numeric: decimals stay exact.
CREATE TABLE IF NOT EXISTS ohlcv (
  timestamp timestamptz NOT NULL,
  symbol text NOT NULL,
  exchange text NOT NULL,
  timeframe text NOT NULL,
  open numeric NOT NULL,
  high numeric NOT NULL,
  low numeric NOT NULL,
  close numeric NOT NULL,
  volume numeric NOT NULL,
  PRIMARY KEY (symbol, exchange, timeframe, timestamp)
);

-- The latest candles of one symbol, whatever the venue.
CREATE INDEX IF NOT EXISTS ohlcv_latest ON ohlcv (symbol, timestamp DESC);
