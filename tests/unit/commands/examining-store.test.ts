import pg from 'pg'
import { expect, test } from 'vitest'
import { explainStore } from '../../../runtime/commands/examining-store.ts'
import { storeDown } from '../../../runtime/store/postgres.ts'

const url = 'postgres://hub:hunter22@db.example.com:5432/hub'
const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code })
const said = (code: string, message: string): Error => Object.assign(new pg.DatabaseError(message, 0, 'error'), { code })

test.each([
  { error: said('28P01', 'password authentication failed for user "hub"'), fact: 'the PostgreSQL at db.example.com:5432 refuses the login' },
  { error: said('3D000', 'database "hub" does not exist'), fact: 'the PostgreSQL at db.example.com:5432 has no such database' },
  { error: said('53300', 'too many clients'), fact: 'the PostgreSQL at db.example.com:5432 takes no more connections' },
  { error: said('57P03', 'the database system is starting up'), fact: 'the PostgreSQL at db.example.com:5432 is starting or stopping' },
  { error: coded('ENOTFOUND'), fact: 'the host of db.example.com:5432 is unknown' },
  { error: coded('ECONNREFUSED', ''), fact: 'nothing listens at db.example.com:5432' },
  { error: new Error('timeout exceeded when trying to connect'), fact: 'db.example.com:5432 does not answer in time' },
])('$error.code $error.message: $fact', ({ error, fact }) => {
  for (const each of [error, storeDown(error)]) expect(explainStore(each, url)).toMatchObject({ topic: 'store', state: 'bad', fact })
})

test.each([url, 'postgres://hub:12/hunter22@db.example.com/hub', 'hunter22'])('nothing of a password is told of %s', (address) => {
  for (const error of [coded('ECONNREFUSED'), new Error(`cannot use ${address} with hunter22`)]) {
    const told = JSON.stringify(explainStore(error, address))
    expect(told).not.toContain('hunter22')
    expect(told).not.toContain('user:12')
  }
})
