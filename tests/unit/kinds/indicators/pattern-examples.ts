/** A candle as [open, high, low, close]. */
export type Bar = readonly [open: number, high: number, low: number, close: number]

/** A pattern by its book, and the same with one thing changed that makes it none. */
export interface Example {
  readonly pattern: string
  readonly direction: 'bullish' | 'bearish' | 'neutral'
  readonly is: readonly Bar[]
  readonly but: string
  readonly isNot: readonly Bar[]
}

/** Twenty candles around 100 with bodies of 1 and ranges of 2: longer than 1 is long, shorter is short, 0.2 is a doji's body and a very short shadow, 0.1 is equal. */
export const context: readonly Bar[] = Array.from({ length: 20 }, (_nothing, i): Bar => (i % 2 === 0 ? [99.5, 101, 99, 100.5] : [100.5, 101, 99, 99.5]))

export const examples: readonly Example[] = [
  { pattern: 'doji', direction: 'neutral', is: [[100, 101, 99, 100.1]], but: 'the body is half the range', isNot: [[99.5, 101, 99, 100.5]] },
  { pattern: 'long_legged_doji', direction: 'neutral', is: [[100, 102, 98, 100.1]], but: 'it has a body', isNot: [[99, 102, 98, 101]] },
  { pattern: 'rickshaw_man', direction: 'neutral', is: [[100, 102, 98, 100.1]], but: 'the body lies at the bottom', isNot: [[98.2, 102, 98, 98.1]] },
  { pattern: 'dragonfly_doji', direction: 'bullish', is: [[100, 100.1, 97, 100]], but: 'it has an upper shadow', isNot: [[100, 101.5, 97, 100]] },
  { pattern: 'gravestone_doji', direction: 'bearish', is: [[100, 103, 99.9, 100]], but: 'it has a lower shadow', isNot: [[100, 103, 98.5, 100]] },
  { pattern: 'takuri', direction: 'bullish', is: [[100, 100.05, 97, 100.05]], but: 'the lower shadow is not long', isNot: [[100, 100.05, 99.9, 100.05]] },
  { pattern: 'hammer', direction: 'bullish', is: [[98.8, 99.4, 96.5, 99.3]], but: 'it stands above the low before', isNot: [[103.8, 104.4, 101.5, 104.3]] },
  { pattern: 'hanging_man', direction: 'bearish', is: [[101.3, 101.9, 98.5, 101.8]], but: 'it stands below the high before', isNot: [[98.8, 99.4, 96, 99.3]] },
  { pattern: 'inverted_hammer', direction: 'bullish', is: [[98.8, 101.5, 98.7, 99.2]], but: 'it does not gap down', isNot: [[100, 102.7, 99.9, 100.4]] },
  { pattern: 'shooting_star', direction: 'bearish', is: [[101.2, 104, 101.1, 101.6]], but: 'it does not gap up', isNot: [[99.6, 102.4, 99.5, 100]] },
  {
    pattern: 'spinning_top',
    direction: 'bullish',
    is: [[99.9, 101, 99, 100.2]],
    but: 'one shadow is shorter than the body',
    isNot: [[99.9, 100.3, 99, 100.2]],
  },
  { pattern: 'high_wave', direction: 'bullish', is: [[99.9, 102, 98, 100.3]], but: 'the shadows are not very long', isNot: [[99.8, 100.6, 99.4, 100.3]] },
  { pattern: 'long_line', direction: 'bullish', is: [[99, 102.2, 98.8, 102]], but: 'the body is as short as others', isNot: [[99.5, 100.7, 99.4, 100.4]] },
  { pattern: 'short_line', direction: 'bearish', is: [[100.2, 100.4, 99.6, 99.8]], but: 'the body is long', isNot: [[102, 102.2, 98, 98.2]] },
  { pattern: 'marubozu', direction: 'bearish', is: [[103, 103.05, 99.95, 100]], but: 'it has an upper shadow', isNot: [[103, 104.5, 99.95, 100]] },
  { pattern: 'closing_marubozu', direction: 'bullish', is: [[99, 102.05, 98, 102]], but: 'it has a shadow at the close', isNot: [[99, 103.5, 98, 102]] },
  { pattern: 'belt_hold', direction: 'bullish', is: [[98, 101.5, 97.95, 101]], but: 'it has a shadow at the open', isNot: [[98, 101.5, 96.5, 101]] },
  {
    pattern: 'engulfing',
    direction: 'bullish',
    is: [
      [100.5, 101, 99, 99.5],
      [99, 102, 98.9, 101.5],
    ],
    but: 'the second body is within the first',
    isNot: [
      [101.5, 102, 98.5, 99],
      [99.5, 101, 99, 100.5],
    ],
  },
  {
    pattern: 'harami',
    direction: 'bearish',
    is: [
      [98, 103.2, 97.8, 103],
      [101, 101.3, 100.2, 100.5],
    ],
    but: 'the second body reaches beyond',
    isNot: [
      [98, 103.2, 97.8, 103],
      [104, 104.2, 103, 103.5],
    ],
  },
  {
    pattern: 'harami_cross',
    direction: 'bearish',
    is: [
      [98, 103.2, 97.8, 103],
      [101, 101.6, 100.5, 101.05],
    ],
    but: 'the second is no doji',
    isNot: [
      [98, 103.2, 97.8, 103],
      [101.5, 101.6, 100.2, 100.3],
    ],
  },
  {
    pattern: 'piercing',
    direction: 'bullish',
    is: [
      [103, 103.2, 98.8, 99],
      [98, 101.8, 97.8, 101.6],
    ],
    but: 'it closes below the middle',
    isNot: [
      [103, 103.2, 98.8, 99],
      [98, 100.6, 97.8, 100.5],
    ],
  },
  {
    pattern: 'dark_cloud_cover',
    direction: 'bearish',
    is: [
      [98, 102.2, 97.8, 102],
      [103, 103.2, 99.2, 99.4],
    ],
    but: 'it closes above the middle',
    isNot: [
      [98, 102.2, 97.8, 102],
      [103, 103.2, 100.6, 100.8],
    ],
  },
  {
    pattern: 'doji_star',
    direction: 'bearish',
    is: [
      [98, 102.2, 97.8, 102],
      [103, 103.4, 102.6, 103.05],
    ],
    but: 'there is no gap',
    isNot: [
      [98, 102.2, 97.8, 102],
      [101, 101.4, 100.6, 101.05],
    ],
  },
  {
    pattern: 'counterattack',
    direction: 'bullish',
    is: [
      [103, 103.2, 99.8, 100],
      [97, 100.2, 96.8, 100.02],
    ],
    but: 'the closes differ',
    isNot: [
      [103, 103.2, 99.8, 100],
      [97, 99.2, 96.8, 99],
    ],
  },
  {
    pattern: 'homing_pigeon',
    direction: 'bullish',
    is: [
      [103, 103.2, 98.8, 99],
      [101, 101.2, 100.3, 100.5],
    ],
    but: 'the second rises',
    isNot: [
      [103, 103.2, 98.8, 99],
      [100.5, 101.2, 100.3, 101],
    ],
  },
  {
    pattern: 'matching_low',
    direction: 'bullish',
    is: [
      [101, 101.2, 98.8, 99],
      [100.2, 100.4, 98.9, 99.02],
    ],
    but: 'the second closes lower',
    isNot: [
      [101, 101.2, 98.8, 99],
      [99.5, 99.6, 98, 98.2],
    ],
  },
  {
    pattern: 'in_neck',
    direction: 'bearish',
    is: [
      [103, 103.2, 98.8, 99],
      [97.5, 99.1, 97.3, 99.05],
    ],
    but: 'it closes well into the first',
    isNot: [
      [103, 103.2, 98.8, 99],
      [97.5, 100.6, 97.3, 100.5],
    ],
  },
  {
    pattern: 'on_neck',
    direction: 'bearish',
    is: [
      [103, 103.2, 98.8, 99],
      [97.5, 98.9, 97.3, 98.8],
    ],
    but: 'it closes below that low',
    isNot: [
      [103, 103.2, 98.8, 99],
      [97.5, 98.4, 97.3, 98.3],
    ],
  },
  {
    pattern: 'thrusting',
    direction: 'bearish',
    is: [
      [103, 103.2, 98.8, 99],
      [97.5, 100.4, 97.3, 100.2],
    ],
    but: 'it closes above the middle',
    isNot: [
      [103, 103.2, 98.8, 99],
      [97.5, 101.8, 97.3, 101.6],
    ],
  },
  {
    pattern: 'kicking',
    direction: 'bullish',
    is: [
      [101, 101.02, 97.98, 98],
      [103, 106.02, 102.98, 106],
    ],
    but: 'there is no gap',
    isNot: [
      [101, 101.02, 97.98, 98],
      [99, 102.02, 98.98, 102],
    ],
  },
  {
    pattern: 'kicking_by_length',
    direction: 'bearish',
    is: [
      [98, 101.02, 97.98, 101],
      [97, 97.02, 92.98, 93],
    ],
    but: 'both are of one colour',
    isNot: [
      [101, 101.02, 97.98, 98],
      [97, 97.02, 92.98, 93],
    ],
  },
  {
    pattern: 'separating_lines',
    direction: 'bullish',
    is: [
      [101, 101.4, 98.8, 99],
      [101.02, 104, 101, 103.8],
    ],
    but: 'it opens elsewhere',
    isNot: [
      [101, 101.4, 98.8, 99],
      [99.5, 103, 99.4, 102.8],
    ],
  },
  {
    pattern: 'two_crows',
    direction: 'bearish',
    is: [
      [98, 102.2, 97.8, 102],
      [104, 104.2, 102.8, 103],
      [103.5, 103.7, 100.5, 101],
    ],
    but: 'the third closes above the first',
    isNot: [
      [98, 102.2, 97.8, 102],
      [104, 104.2, 102.8, 103],
      [103.5, 103.7, 102.4, 102.5],
    ],
  },
  {
    pattern: 'three_black_crows',
    direction: 'bearish',
    is: [
      [104, 106.2, 103.8, 106],
      [105.8, 105.9, 103.95, 104],
      [105, 105.1, 101.95, 102],
      [103, 103.1, 99.95, 100],
    ],
    but: 'one rises',
    isNot: [
      [104, 106.2, 103.8, 106],
      [105.8, 105.9, 103.95, 104],
      [102, 105.1, 101.95, 105],
      [103, 103.1, 99.95, 100],
    ],
  },
  {
    pattern: 'three_white_soldiers',
    direction: 'bullish',
    is: [
      [98, 100.05, 97.8, 100],
      [99.5, 102.05, 99.4, 102],
      [101.5, 104.05, 101.4, 104],
    ],
    but: 'the third has a long upper shadow',
    isNot: [
      [98, 100.05, 97.8, 100],
      [99.5, 102.05, 99.4, 102],
      [101.5, 107, 101.4, 104],
    ],
  },
  {
    pattern: 'advance_block',
    direction: 'bearish',
    is: [
      [97, 100.1, 96.8, 100],
      [99, 102.2, 98.9, 101],
      [100.5, 103.5, 100.4, 101.6],
    ],
    but: 'the third is as strong as the first',
    isNot: [
      [97, 100.1, 96.8, 100],
      [99, 102.1, 98.9, 102],
      [101, 104.1, 100.9, 104],
    ],
  },
  {
    pattern: 'stalled_pattern',
    direction: 'bearish',
    is: [
      [97, 100.1, 96.8, 100],
      [99, 102.1, 98.9, 102],
      [101.9, 102.6, 101.8, 102.2],
    ],
    but: 'the third is long',
    isNot: [
      [97, 100.1, 96.8, 100],
      [99, 102.1, 98.9, 102],
      [101.9, 105.1, 101.8, 105],
    ],
  },
  {
    pattern: 'identical_three_crows',
    direction: 'bearish',
    is: [
      [106, 106.1, 103.95, 104],
      [104, 104.1, 101.95, 102],
      [102, 102.1, 99.95, 100],
    ],
    but: 'the third opens within the second',
    isNot: [
      [106, 106.1, 103.95, 104],
      [104, 104.1, 101.95, 102],
      [103, 103.1, 99.95, 100],
    ],
  },
  {
    pattern: 'three_inside',
    direction: 'bearish',
    is: [
      [98, 103.2, 97.8, 103],
      [101, 101.3, 100.2, 100.5],
      [100.4, 100.6, 97, 97.2],
    ],
    but: 'the third closes above the first open',
    isNot: [
      [98, 103.2, 97.8, 103],
      [101, 101.3, 100.2, 100.5],
      [100.4, 100.6, 98.4, 98.6],
    ],
  },
  {
    pattern: 'three_outside',
    direction: 'bullish',
    is: [
      [100.5, 101, 99, 99.5],
      [99, 102, 98.9, 101.5],
      [101.2, 103, 101, 102.5],
    ],
    but: 'the third closes lower',
    isNot: [
      [100.5, 101, 99, 99.5],
      [99, 102, 98.9, 101.5],
      [101.2, 101.4, 100, 100.5],
    ],
  },
  {
    pattern: 'three_line_strike',
    direction: 'bullish',
    is: [
      [98, 100.1, 97.9, 100],
      [99.5, 101.6, 99.4, 101.5],
      [101, 103.1, 100.9, 103],
      [103.5, 103.6, 97, 97.2],
    ],
    but: 'the fourth does not undo them',
    isNot: [
      [98, 100.1, 97.9, 100],
      [99.5, 101.6, 99.4, 101.5],
      [101, 103.1, 100.9, 103],
      [103.5, 103.6, 100, 100.2],
    ],
  },
  {
    pattern: 'three_stars_in_the_south',
    direction: 'bullish',
    is: [
      [104, 104.1, 97, 101],
      [103, 103.05, 98.5, 101.2],
      [101.3, 101.31, 100.95, 100.96],
    ],
    but: 'the third has long shadows',
    isNot: [
      [104, 104.1, 97, 101],
      [103, 103.05, 98.5, 101.2],
      [101.3, 102.5, 99, 100.9],
    ],
  },
  {
    pattern: 'morning_star',
    direction: 'bullish',
    is: [
      [104, 104.2, 99.8, 100],
      [99, 99.4, 98.6, 99.2],
      [100, 103.2, 99.8, 103],
    ],
    but: 'the third does not reach into the first',
    isNot: [
      [104, 104.2, 99.8, 100],
      [99, 99.4, 98.6, 99.2],
      [99.4, 100.6, 99.2, 100.5],
    ],
  },
  {
    pattern: 'evening_star',
    direction: 'bearish',
    is: [
      [98, 102.2, 97.8, 102],
      [103, 103.6, 102.8, 103.4],
      [102, 102.2, 98.8, 99],
    ],
    but: 'the third does not reach into the first',
    isNot: [
      [98, 102.2, 97.8, 102],
      [103, 103.6, 102.8, 103.4],
      [102.4, 102.6, 101.4, 101.6],
    ],
  },
  {
    pattern: 'morning_doji_star',
    direction: 'bullish',
    is: [
      [104, 104.2, 99.8, 100],
      [99, 99.4, 98.6, 99.02],
      [100, 103.2, 99.8, 103],
    ],
    but: 'the star is no doji',
    isNot: [
      [104, 104.2, 99.8, 100],
      [98.6, 99.6, 98.4, 99.4],
      [100, 103.2, 99.8, 103],
    ],
  },
  {
    pattern: 'evening_doji_star',
    direction: 'bearish',
    is: [
      [98, 102.2, 97.8, 102],
      [103, 103.4, 102.6, 103.02],
      [102, 102.2, 98.8, 99],
    ],
    but: 'the star is no doji',
    isNot: [
      [98, 102.2, 97.8, 102],
      [103, 104.1, 102.8, 103.9],
      [102, 102.2, 98.8, 99],
    ],
  },
  {
    pattern: 'abandoned_baby',
    direction: 'bullish',
    is: [
      [104, 104.2, 99.8, 100],
      [98.5, 98.9, 98.1, 98.52],
      [99.5, 103.2, 99.4, 103],
    ],
    but: 'the shadows overlap',
    isNot: [
      [104, 104.2, 99.8, 100],
      [99, 99.9, 98.1, 99.02],
      [99.5, 103.2, 99.4, 103],
    ],
  },
  {
    pattern: 'tristar',
    direction: 'bearish',
    is: [
      [100, 100.5, 99.5, 100.02],
      [101, 101.4, 100.6, 101.02],
      [100.3, 100.7, 99.9, 100.28],
    ],
    but: 'the middle one does not gap',
    isNot: [
      [100, 100.5, 99.5, 100.02],
      [100, 100.4, 99.6, 100.02],
      [100.3, 100.7, 99.9, 100.28],
    ],
  },
  {
    pattern: 'upside_gap_two_crows',
    direction: 'bearish',
    is: [
      [98, 102.2, 97.8, 102],
      [103.4, 103.6, 102.8, 103],
      [104, 104.2, 102.4, 102.6],
    ],
    but: 'the third closes the gap',
    isNot: [
      [98, 102.2, 97.8, 102],
      [103.4, 103.6, 102.8, 103],
      [104, 104.2, 101, 101.2],
    ],
  },
  {
    pattern: 'tasuki_gap',
    direction: 'bullish',
    is: [
      [98, 99.2, 97.8, 99],
      [100, 101.2, 99.9, 101],
      [100.6, 100.7, 99.4, 99.6],
    ],
    but: 'the gap is closed',
    isNot: [
      [98, 99.2, 97.8, 99],
      [100, 101.2, 99.9, 101],
      [100.6, 100.7, 98, 98.4],
    ],
  },
  {
    pattern: 'gap_side_by_side_white',
    direction: 'bullish',
    is: [
      [98, 99.2, 97.8, 99],
      [100, 101.2, 99.9, 101],
      [100.02, 101.2, 99.9, 101],
    ],
    but: 'the third is much longer',
    isNot: [
      [98, 99.2, 97.8, 99],
      [100, 101.2, 99.9, 101],
      [100.02, 105.2, 99.9, 105],
    ],
  },
  {
    pattern: 'unique_three_river',
    direction: 'bullish',
    is: [
      [104, 104.2, 99.8, 100],
      [102, 102.2, 98, 101],
      [99, 99.6, 98.8, 99.4],
    ],
    but: 'the second makes no new low',
    isNot: [
      [104, 104.2, 99.8, 100],
      [102, 102.2, 100.5, 101],
      [99, 99.6, 98.8, 99.4],
    ],
  },
  {
    pattern: 'stick_sandwich',
    direction: 'bullish',
    is: [
      [101, 101.2, 98.9, 99],
      [99.6, 101.2, 99.5, 101],
      [101.5, 101.7, 98.9, 99.02],
    ],
    but: 'the third closes lower',
    isNot: [
      [101, 101.2, 98.9, 99],
      [99.6, 101.2, 99.5, 101],
      [101.5, 101.7, 97.9, 98],
    ],
  },
  {
    pattern: 'side_gap_three_methods',
    direction: 'bullish',
    is: [
      [98, 99.2, 97.8, 99],
      [100, 102.2, 99.9, 102],
      [101, 101.2, 98.4, 98.6],
    ],
    but: 'the gap stays open',
    isNot: [
      [98, 99.2, 97.8, 99],
      [100, 102.2, 99.9, 102],
      [101, 101.2, 99.6, 99.8],
    ],
  },
  {
    pattern: 'three_methods',
    direction: 'bullish',
    is: [
      [97, 102.2, 96.8, 102],
      [101.5, 101.7, 100.8, 101],
      [101, 101.2, 100.3, 100.5],
      [100.4, 100.6, 99.7, 99.9],
      [100.2, 104.2, 100, 104],
    ],
    but: 'the last makes no new high',
    isNot: [
      [97, 102.2, 96.8, 102],
      [101.5, 101.7, 100.8, 101],
      [101, 101.2, 100.3, 100.5],
      [100.4, 100.6, 99.7, 99.9],
      [100, 101.7, 99.8, 101.5],
    ],
  },
  {
    pattern: 'mat_hold',
    direction: 'bullish',
    is: [
      [97, 102.2, 96.8, 102],
      [103.2, 103.4, 102.4, 102.6],
      [102.5, 102.6, 101.8, 101.9],
      [101.8, 101.9, 101.1, 101.2],
      [101.4, 105.2, 101.3, 105],
    ],
    but: 'the small ones fall below half of the first',
    isNot: [
      [97, 102.2, 96.8, 102],
      [103.2, 103.4, 102.4, 102.6],
      [102.5, 102.6, 101.8, 101.9],
      [98.4, 98.6, 97.6, 97.8],
      [98, 105.2, 97.9, 105],
    ],
  },
  {
    pattern: 'breakaway',
    direction: 'bullish',
    is: [
      [104, 104.2, 99.8, 100],
      [98.8, 99, 97.8, 98],
      [97.9, 98.1, 97, 97.2],
      [97, 97.2, 96, 96.2],
      [96.4, 99.7, 96.3, 99.5],
    ],
    but: 'the last does not reach the gap',
    isNot: [
      [104, 104.2, 99.8, 100],
      [98.8, 99, 97.8, 98],
      [97.9, 98.1, 97, 97.2],
      [97, 97.2, 96, 96.2],
      [96.4, 98.1, 96.3, 98],
    ],
  },
  {
    pattern: 'ladder_bottom',
    direction: 'bullish',
    is: [
      [106, 106.2, 103.9, 104],
      [105, 105.1, 102.9, 103],
      [104, 104.1, 101.9, 102],
      [102, 103.5, 100.9, 101],
      [102.5, 105.2, 102.4, 105],
    ],
    but: 'the last opens below the fourth',
    isNot: [
      [106, 106.2, 103.9, 104],
      [105, 105.1, 102.9, 103],
      [104, 104.1, 101.9, 102],
      [102, 103.5, 100.9, 101],
      [100.5, 101.2, 100.4, 101],
    ],
  },
  {
    pattern: 'concealing_baby_swallow',
    direction: 'bullish',
    is: [
      [106, 106.02, 103.98, 104],
      [104, 104.02, 101.98, 102],
      [101.5, 102.6, 100.98, 101],
      [103, 103.02, 100.48, 100.5],
    ],
    but: 'the fourth does not cover the third',
    isNot: [
      [106, 106.02, 103.98, 104],
      [104, 104.02, 101.98, 102],
      [101.5, 102.6, 100.98, 101],
      [102, 102.02, 101.18, 101.2],
    ],
  },
  {
    pattern: 'hikkake',
    direction: 'bullish',
    is: [
      [99, 103, 97, 101],
      [100, 102, 98, 101],
      [100, 101.5, 97.5, 98],
    ],
    but: 'the second is no inside candle',
    isNot: [
      [99, 103, 97, 101],
      [100, 104, 98, 101],
      [100, 101.5, 97.5, 98],
    ],
  },
  {
    pattern: 'modified_hikkake',
    direction: 'bullish',
    is: [
      [99, 104, 96, 101],
      [99.5, 103, 97, 97.2],
      [99, 102, 98, 101],
      [100, 101.5, 97.5, 98],
    ],
    but: 'the second does not close near its low',
    isNot: [
      [99, 104, 96, 101],
      [99.5, 103, 97, 102.8],
      [99, 102, 98, 101],
      [100, 101.5, 97.5, 98],
    ],
  },
]
