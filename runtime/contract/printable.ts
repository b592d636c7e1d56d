const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
// The controls of a terminal, and those that let a text read in another order than it is written.
const commands = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu

/** A text in which everything that shows nothing is written as JSON writes it: `\u001b`. JSON on one line stays the same value. */
export const visible = (text: string): string => text.replace(unseen, escaped)

/** A text that cannot command the terminal it is printed on; its lines and tabs stay. JSON stays the same value. */
export const printable = (text: string): string => text.replace(commands, escaped)

/** Unit by unit: beyond the basic plane JSON has no escape of one piece. */
const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
