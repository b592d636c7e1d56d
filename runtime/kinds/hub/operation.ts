/** Which of the hub's own questions a tool answers. */
export interface HubOperation {
  readonly ask: 'health' | 'connectors' | 'tool'
}
