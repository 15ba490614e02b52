// Command openapi merges the OpenAPI documents that protoc-gen-swagger makes, one a .proto file, into one document.
// Usage: openapi DIR > openapi.json
package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

type document struct {
	Swagger     string                                `json:"swagger"`
	Info        map[string]string                     `json:"info"`
	Consumes    []string                              `json:"consumes"`
	Produces    []string                              `json:"produces"`
	Paths       map[string]map[string]json.RawMessage `json:"paths"`
	Definitions map[string]json.RawMessage            `json:"definitions"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: openapi DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	merged := document{
		Swagger:     "2.0",
		Info:        map[string]string{"title": "IPDM chain REST interface", "version": "1"},
		Consumes:    []string{"application/json"},
		Produces:    []string{"application/json"},
		Paths:       map[string]map[string]json.RawMessage{},
		Definitions: map[string]json.RawMessage{},
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".swagger.json") {
			return err
		}
		return merged.add(path)
	})
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(os.Stdout) // maps are written in order of their keys
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(merged); err != nil {
		return fmt.Errorf("failed to write the document: %w", err)
	}
	return nil
}

// add merges one file; a file without paths adds nothing.
func (d *document) add(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("failed to read %s: %w", path, err)
	}
	var part document
	if err := json.Unmarshal(raw, &part); err != nil {
		return fmt.Errorf("failed to decode %s: %w", path, err)
	}
	if len(part.Paths) == 0 {
		return nil
	}
	for route, operations := range part.Paths {
		for method, operation := range operations {
			if operations[method], err = withUniqueID(operation, method, route); err != nil {
				return fmt.Errorf("failed to decode %s %s of %s: %w", method, route, path, err)
			}
		}
		d.Paths[route] = operations
	}
	for name, definition := range part.Definitions {
		d.Definitions[name] = definition
	}
	return nil
}

// withUniqueID names an operation after its method and route: the generator names all "Query_Params" alike.
func withUniqueID(operation json.RawMessage, method, route string) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(operation, &fields); err != nil {
		return nil, err
	}
	words := strings.FieldsFunc(route, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	id, err := json.Marshal(method + "_" + strings.Join(words, "_"))
	if err != nil {
		return nil, err
	}
	fields["operationId"] = id
	return json.Marshal(fields)
}
