-- What the hub records of markets. Prices and amounts are numeric: decimals stay exact. Every table has a natural key, by which writing a row again changes nothing.
-- The same words as in ClickHouse: timestamp, symbol, exchange, timeframe.

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
COMMENT ON TABLE ohlcv IS 'Candles of every market: 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w. timestamp is when the candle opened.';
-- The latest candles of one symbol, whatever the venue.
CREATE INDEX IF NOT EXISTS ohlcv_latest ON ohlcv (symbol, timestamp DESC);

CREATE TABLE IF NOT EXISTS ticks (
  timestamp timestamptz NOT NULL,
  symbol text NOT NULL,
  exchange text NOT NULL,
  id text NOT NULL DEFAULT '',
  price numeric NOT NULL,
  amount numeric NOT NULL,
  side text CHECK (side IN ('buy', 'sell')),
  PRIMARY KEY (symbol, exchange, timestamp, id)
);
COMMENT ON TABLE ticks IS 'Trades as venues report them. id is the venue’s own number of the trade; side is the taker’s.';

CREATE TABLE IF NOT EXISTS order_books (
  timestamp timestamptz NOT NULL,
  symbol text NOT NULL,
  exchange text NOT NULL,
  bids jsonb NOT NULL,
  asks jsonb NOT NULL,
  sequence bigint,
  PRIMARY KEY (symbol, exchange, timestamp)
);
COMMENT ON TABLE order_books IS 'Snapshots of order books. bids and asks are lists of [price, amount], best first; sequence is the venue’s own.';

CREATE TABLE IF NOT EXISTS signals (
  timestamp timestamptz NOT NULL,
  symbol text NOT NULL,
  exchange text NOT NULL DEFAULT '',
  timeframe text NOT NULL DEFAULT '',
  agent text NOT NULL,
  signal text NOT NULL,
  strength numeric,
  price numeric,
  details jsonb,
  PRIMARY KEY (symbol, exchange, timeframe, timestamp, agent, signal)
);
COMMENT ON TABLE signals IS 'What agents saw: buy, sell, breakout, …, how strongly, and at which price.';
CREATE INDEX IF NOT EXISTS signals_latest ON signals (agent, timestamp DESC);

CREATE TABLE IF NOT EXISTS analyses (
  timestamp timestamptz NOT NULL,
  symbol text NOT NULL,
  exchange text NOT NULL DEFAULT '',
  timeframe text NOT NULL DEFAULT '',
  agent text NOT NULL,
  analysis text NOT NULL,
  summary text,
  details jsonb,
  PRIMARY KEY (symbol, exchange, timeframe, timestamp, agent, analysis)
);
COMMENT ON TABLE analyses IS 'What agents concluded: which analysis, in a sentence, and with its figures.';
CREATE INDEX IF NOT EXISTS analyses_latest ON analyses (agent, timestamp DESC);
