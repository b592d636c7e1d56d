import { isJsonContentType as asTheSdkJudges } from '@modelcontextprotocol/server'
import { describe, expect, test } from 'vitest'
import { isJsonContentType } from '../../../runtime/mcp/content-type.ts'

describe('a content type', () => {
  test.each([
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['Application/JSON ;charset="utf-8"', true],
    [' application/json', true],
    ['application/json;', true],
    ['application/json; charset', true],
    ['application/json; a="x,y"', true],
    ['application/json, text/plain', false],
    ['application/json; a, text/plain', false],
    ['application/json; a="x, text/plain', false],
    ['application/jsonp', false],
    ['application/json+x', false],
    ['text/plain', false],
    ['text/plain; application/json', false],
    ['', false],
    [undefined, false],
  ])('%j is JSON: %j, as the SDK has it', (header, expected) => {
    expect(isJsonContentType(header)).toBe(expected)
    expect(asTheSdkJudges(header ?? null)).toBe(expected)
  })
})
