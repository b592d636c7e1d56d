/** The encoding tokens are counted in: that of GPT-4o and later OpenAI models. Others count a little more or less. */
export const encoding = 'o200k_base'

/** Loads the tokenizer, which takes 200 ms and 30 MB. Text that looks like a control token is counted as the text it is. */
export async function loadTokenizer(): Promise<(text: string) => number> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base')
  const none: ReadonlySet<string> = new Set()
  return (text) => countTokens(text, { disallowedSpecial: none as Set<string> })
}
