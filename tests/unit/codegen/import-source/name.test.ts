import { expect, test } from 'vitest'
import { checkName, nameFrom, variableName } from '../../../../codegen/import-source/name.ts'

test.each([
  ['Swagger Petstore', 'swagger_petstore'],
  ['3D-Druck API!', 'd_druck_api'],
  ['天気', 'imported'],
  ['A very long title that goes on and on', 'a_very_long_title_that_goes_on'],
])('%s gives the connector name %s', (title, name) => {
  expect(nameFrom(title)).toBe(name)
  expect(() => checkName(name)).not.toThrow()
})

test.each([
  [['pets', 'apiKey'], 'PETS_API_KEY'],
  [['cloud', 'X-Api-Key'], 'CLOUD_X_API_KEY'],
  [['9lives'], 'HUB_9LIVES'],
])('%j gives the variable %s', (parts, name) => expect(variableName(...parts)).toBe(name))

test.each(['', 'A', '1a', 'a-b', 'a'.repeat(31)])('"%s" names no connector', (name) =>
  expect(() => checkName(name)).toThrow(/HUB_CONFIG_NAME|cannot name a connector/),
)
