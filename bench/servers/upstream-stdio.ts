import { answerTo, echoTool, manyTools, type Message } from './echo.ts'

// The same upstream over stdio. With a number, it offers so many tools instead of one.
const count = Number(process.argv[2] ?? 1)
const tools = count === 1 ? [echoTool] : manyTools(count)
let pending = ''

process.stdin.setEncoding('utf8')
process.stdin.on('data', (text: string) => {
  const lines = (pending + text).split('\n')
  pending = lines.pop() ?? ''
  let answers = ''
  for (const line of lines) {
    const answer = answerTo(JSON.parse(line) as Message, tools)
    if (answer !== undefined) answers += `${answer}\n`
  }
  if (answers !== '') process.stdout.write(answers)
})
process.stdin.once('end', () => process.exit())
