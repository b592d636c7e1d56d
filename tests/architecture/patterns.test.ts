import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownPaths, repository } from './tree.ts'

// One character or class, repeated, then the end: it begins anew at each character of a run that is not at the end.
const squared = /\.replace(?:All)?\(\s*\/(?:\\u[\dA-Fa-f]{4}|\\.|\[(?:\\.|[^\]\\])*\]|[^\\[(^/])[+*]\$\//g

const found = (text: string): readonly string[] => text.match(squared) ?? []

test('the pattern finds what it should, and nothing else', () => {
  for (const bad of [
    String.raw`a.replace(/0+$/, '')`,
    String.raw`a.replace(/\/+$/, '')`,
    String.raw`a.replaceAll(/[\]\s]*$/g, '')`,
    String.raw`a.replace(/\uFFFD+$/, '')`,
  ])
    expect(found(bad)).toHaveLength(1)
  for (const good of [String.raw`a.replace(/^0+$/, '')`, String.raw`a.replace(/\.$/, '')`, String.raw`a.replace(/x[\s\S]*$/, '')`, String.raw`/^\d+$/.test(a)`])
    expect(found(good)).toEqual([])
})

test('nothing the hub runs cuts the end of a text with a repeated character: withoutTrailing does', () => {
  const faults = ownPaths('runtime/**/*.{ts,mjs}').flatMap((path) => found(readFileSync(join(repository, path), 'utf8')).map((each) => `${path}: ${each}`))
  expect(faults).toEqual([])
})
