/** One thing the doctor looked at. */
export interface Finding {
  readonly topic: string
  readonly state: 'good' | 'doubtful' | 'bad'
  readonly fact: string
  /** What to do. */
  readonly wayOn?: string
}
