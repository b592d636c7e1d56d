/** A text without so many of one character as stand at its end. A regular expression would begin anew at each of them wherever they stand, and take the square of a long run. */
export function withoutTrailing(text: string, character: string): string {
  const code = character.charCodeAt(0)
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === code) end -= 1
  return end === text.length ? text : text.slice(0, end)
}
