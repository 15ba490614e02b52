package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind is the kind of a token.
type tokenKind uint8

const (
	end tokenKind = iota
	word
	text // in quotes
	open
	closed
	operator
)

// token is one element of a query.
type token struct {
	kind     tokenKind
	text     string // of a word, or what stands in quotes
	operator Operator
	column   int
	source   string // as it is written
}

// found describes a token in an error.
func (t token) found() string {
	if t.kind == end {
		return "the end"
	}
	return fmt.Sprintf("%q", t.source)
}

// is tells whether the token is a keyword.
func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.text, keyword) }

// wordRune tells whether a rune can be part of a word: what has no meaning of its own.
func wordRune(r rune) bool {
	return !unicode.IsSpace(r) && !unicode.IsControl(r) && r != utf8.RuneError && !strings.ContainsRune(`()=!<>^"\,;'`, r)
}

// lexer cuts a query into tokens.
type lexer struct {
	source string
	at     int
}

func (l *lexer) errorAt(column int, expected, found string) error {
	return &SyntaxError{Column: column + 1, Expected: expected, Found: found}
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	rest := strings.TrimLeftFunc(l.source[l.at:], unicode.IsSpace)
	l.at = len(l.source) - len(rest)
	start := l.at
	cut := func(kind tokenKind, length int) token {
		l.at += length
		return token{kind: kind, column: start, source: rest[:length]}
	}
	if rest == "" {
		return cut(end, 0), nil
	}
	switch rest[0] {
	case '(':
		return cut(open, 1), nil
	case ')':
		return cut(closed, 1), nil
	case '"':
		return l.quoted(rest)
	}
	// The longer operators first: ">=" begins with ">".
	best := -1
	for o, name := range operatorNames {
		if strings.HasPrefix(rest, name) && (best < 0 || len(name) > len(operatorNames[best])) {
			best = o
		}
	}
	if best >= 0 {
		t := cut(operator, len(operatorNames[best]))
		t.operator = Operator(best)
		return t, nil
	}
	length := strings.IndexFunc(rest, func(r rune) bool { return !wordRune(r) })
	if length < 0 {
		length = len(rest)
	}
	if length == 0 {
		_, size := utf8.DecodeRuneInString(rest)
		return token{}, l.errorAt(start, "a word, a text in double quotes, an operator or a parenthesis", fmt.Sprintf("%q", rest[:size]))
	}
	t := cut(word, length)
	t.text = t.source
	return t, nil
}

// quoted reads a text in double quotes, in which a backslash stands before a quote or a backslash.
func (l *lexer) quoted(rest string) (token, error) {
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '"':
			t := token{kind: text, text: b.String(), column: l.at, source: rest[:i+1]}
			if !utf8.ValidString(t.text) || strings.ContainsFunc(t.text, unicode.IsControl) {
				return token{}, l.errorAt(l.at, "a text of UTF-8 without control characters", t.found())
			}
			l.at += i + 1
			return t, nil
		case '\\':
			i++
			if i == len(rest) || rest[i] != '"' && rest[i] != '\\' {
				return token{}, l.errorAt(l.at+i, `a quote or a backslash behind the backslash`, "another character")
			}
			b.WriteByte(rest[i])
		default:
			b.WriteByte(rest[i])
		}
	}
	return token{}, l.errorAt(len(l.source), `a closing quote (")`, "the end")
}
