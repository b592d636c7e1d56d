import { BlockList, Socket } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

const connect = Socket.prototype.connect

// Every connection of a test process ends on this machine, whatever the code under test tries: the suite says the same thing with and without a network.
Socket.prototype.connect = function (this: Socket, ...args: Parameters<typeof connect>): Socket {
  this.prependListener('connectionAttempt', (address: string, port?: number, family?: number) => {
    // A socket in the file system, such as that of a Docker engine, has no port and is on this machine.
    if (port === undefined || loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')) return
    const refused = new Error(`a test tried to reach ${address}:${port}; tests reach loopback only`)
    // The socket is still connecting inside this event and must not be gone before it ends.
    process.nextTick(() => this.destroy(refused))
  })
  return connect.apply(this, args)
} as typeof connect
