package query

import (
	"fmt"
	"strings"
)

// Field is what a comparison looks at.
type Field uint8

// The fields. The values of those that can be ordered by are part of cursors.
const (
	Tag Field = iota
	Time
	Size
	Type
	Owner
	Root
	Manifest
	Version
)

// tagPrefix stands before the key of a tag.
const tagPrefix = "tag:"

var fieldNames = [...]string{Tag: tagPrefix, Time: "time", Size: "size", Type: "type", Owner: "owner", Root: "root", Manifest: "manifest", Version: "version"}

// String returns the name of the field in a query.
func (f Field) String() string {
	if int(f) < len(fieldNames) {
		return fieldNames[f]
	}
	return fmt.Sprintf("field(%d)", uint8(f))
}

// ordered tells whether answers can be ordered by the field.
func (f Field) ordered() bool { return f == Time || f == Size || f == Type || f == Owner }

// text tells whether values of the field are compared as text.
func (f Field) text() bool { return f == Tag || f == Type || f == Owner }

func fieldOf(name string) (Field, bool) {
	for f, known := range fieldNames {
		if strings.EqualFold(name, known) && Field(f) != Tag {
			return Field(f), true
		}
	}
	return 0, false
}

// Operator is how a comparison compares.
type Operator uint8

// The operators.
const (
	Equal Operator = iota
	NotEqual
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	HasPrefix
)

var operatorNames = [...]string{Equal: "=", NotEqual: "!=", Less: "<", LessOrEqual: "<=", Greater: ">", GreaterOrEqual: ">=", HasPrefix: "^="}

// String returns the operator as it is written.
func (o Operator) String() string {
	if int(o) < len(operatorNames) {
		return operatorNames[o]
	}
	return fmt.Sprintf("operator(%d)", uint8(o))
}

// allows tells whether the field can be compared so.
func (f Field) allows(o Operator) bool {
	switch o {
	case Equal, NotEqual:
		return true
	case HasPrefix:
		return f.text()
	}
	return f.text() || f == Time || f == Size
}
