// Package endpoint asks the JSON-RPC of other chains' nodes: by HTTP the first of several endpoints that answers, or by a WebSocket
// that notifies. Answers and messages are bounded in size and time; errors name the host only, as the rest of a URL may be a secret.
package endpoint
