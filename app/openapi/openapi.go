// Package openapi holds the OpenAPI document of the chain's REST interface
// (paper section 10.4) and serves it. The document is generated from the
// protobuf definitions.
package openapi

import (
	_ "embed"
	"net/http"

	"github.com/gorilla/mux"
)

//go:embed openapi.json
var document []byte

// Register serves the document as /openapi.json, and in the place where the
// SDK's browser at /swagger/ looks for one. It must come before the browser's
// own routes.
func Register(router *mux.Router) {
	router.HandleFunc("/openapi.json", serve).Methods(http.MethodGet, http.MethodHead)
	router.HandleFunc("/swagger/swagger.yaml", serve).Methods(http.MethodGet, http.MethodHead)
}

func serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(document) // the client has gone away: nothing to do
}
