/** Whether a name fits a glob in which `*` stands for any characters; in time that grows with both lengths multiplied and no worse, however many stars there are. */
export function globMatches(pattern: string, name: string): boolean {
  let [at, read, star, resume] = [0, 0, -1, 0]
  while (read < name.length) {
    if (pattern[at] === '*') {
      star = at
      resume = read
      at += 1
    } else if (pattern[at] === name[read]) {
      at += 1
      read += 1
    } else if (star >= 0) {
      // Back to the last star only: an earlier one could not do better.
      at = star + 1
      resume += 1
      read = resume
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
