package query

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// MaxBytes is the longest query.
	MaxBytes = 4 << 10
	// MaxDepth is how deep parentheses and NOT may nest.
	MaxDepth = 32
	// MaxComparisons is the largest number of comparisons.
	MaxComparisons = 64
	// MaxLimit is the largest limit.
	MaxLimit = 1000
)

// parser reads a query by recursive descent, one token ahead.
type parser struct {
	lexer       lexer
	token       token
	comparisons int
}

// Parse reads a query. An empty one asks for everything, the newest first. It fails with a SyntaxError.
func Parse(source string) (*Query, error) {
	if len(source) > MaxBytes {
		return nil, &SyntaxError{Column: MaxBytes + 1, Expected: fmt.Sprintf("at most %d bytes", MaxBytes), Found: fmt.Sprintf("%d bytes", len(source))}
	}
	p := &parser{lexer: lexer{source: source}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	q := &Query{Order: Order{Field: Time, Descending: true}}
	var err error
	if !p.token.is("ORDER") && !p.token.is("LIMIT") && p.token.kind != end {
		if q.Filter, err = p.or(0); err != nil {
			return nil, err
		}
	}
	if err := p.order(q); err != nil {
		return nil, err
	}
	if err := p.limit(q); err != nil {
		return nil, err
	}
	if p.token.kind != end {
		return nil, p.expected(p.continuation(q))
	}
	return q, nil
}

// continuation says what could follow what was read.
func (p *parser) continuation(q *Query) string {
	if q.Limit > 0 {
		return "the end"
	}
	return "AND, OR, ORDER BY, LIMIT or the end"
}

func (p *parser) expected(what string) error {
	return p.lexer.errorAt(p.token.column, what, p.token.found())
}

func (p *parser) advance() (err error) {
	p.token, err = p.lexer.next()
	return err
}

// accept passes over a keyword if it is there.
func (p *parser) accept(keyword string) (bool, error) {
	if !p.token.is(keyword) {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) or(depth int) (Expr, error) {
	parts, err := p.chain("OR", func() (Expr, error) { return p.and(depth) })
	if err != nil || len(parts) == 1 {
		return parts[0], err
	}
	return Or(parts), nil
}

func (p *parser) and(depth int) (Expr, error) {
	parts, err := p.chain("AND", func() (Expr, error) { return p.not(depth) })
	if err != nil || len(parts) == 1 {
		return parts[0], err
	}
	return And(parts), nil
}

// chain reads parts with a keyword between them. It returns at least one, if only nil with the error.
func (p *parser) chain(keyword string, part func() (Expr, error)) ([]Expr, error) {
	var parts []Expr
	for {
		e, err := part()
		parts = append(parts, e)
		if err != nil {
			return parts, err
		}
		more, err := p.accept(keyword)
		if err != nil || !more {
			return parts, err
		}
	}
}

func (p *parser) not(depth int) (Expr, error) {
	if depth == MaxDepth {
		return nil, p.expected(fmt.Sprintf("at most %d levels of parentheses and NOT", MaxDepth))
	}
	negated, err := p.accept("NOT")
	if err != nil {
		return nil, err
	}
	if negated {
		e, err := p.not(depth + 1)
		return Not{e}, err
	}
	if p.token.kind != open {
		return p.comparison()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.or(depth + 1)
	if err != nil {
		return nil, err
	}
	if p.token.kind != closed {
		return nil, p.expected("AND, OR or a closing parenthesis")
	}
	return e, p.advance()
}

const fieldsExpected = "tag:KEY, owner, time, size, type, root, manifest or version"

func (p *parser) comparison() (Expr, error) {
	if p.comparisons == MaxComparisons {
		return nil, p.expected(fmt.Sprintf("at most %d comparisons", MaxComparisons))
	}
	p.comparisons++
	c := &Comparison{}
	if err := p.field(c); err != nil {
		return nil, err
	}
	if p.token.kind != operator {
		return nil, p.expected("an operator (= != < <= > >= ^=)")
	}
	if c.Operator = p.token.operator; !c.Field.allows(c.Operator) {
		return nil, p.expected(fmt.Sprintf("an operator that %s has (%s)", c.Field, operatorsOf(c.Field)))
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind != word && p.token.kind != text {
		return nil, p.expected("a value")
	}
	if err := p.value(c); err != nil {
		return nil, err
	}
	return c, p.advance()
}

func operatorsOf(f Field) string {
	var names []string
	for o, name := range operatorNames {
		if f.allows(Operator(o)) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// field reads the name of a field, and the key of a tag.
func (p *parser) field(c *Comparison) error {
	if p.token.kind != word {
		return p.expected(fieldsExpected)
	}
	name := p.token.text
	if len(name) < len(tagPrefix) || !strings.EqualFold(name[:len(tagPrefix)], tagPrefix) {
		f, known := fieldOf(name)
		if !known {
			return p.expected(fieldsExpected)
		}
		c.Field = f
		return p.advance()
	}
	c.Field, c.Key = Tag, name[len(tagPrefix):]
	behind := p.token.column + len(name)
	if err := p.advance(); err != nil {
		return err
	}
	if c.Key != "" {
		return nil
	}
	if p.token.kind != text || p.token.column != behind || p.token.text == "" || strings.Contains(p.token.text, "=") {
		return p.expected(`the key of a tag, such as tag:lang or tag:"with space"`)
	}
	c.Key = p.token.text
	return p.advance()
}

// value reads the value of a comparison of c's field.
func (p *parser) value(c *Comparison) error {
	var ok bool
	value := p.token.text
	switch c.Field {
	case Time:
		if c.Number, c.Ago, ok = parseTime(value); !ok {
			return p.expected("a time such as 2026-01-31, 2026-01-31T12:00:00Z or -24h")
		}
	case Size:
		if c.Number, ok = parseSize(value); !ok {
			return p.expected("a size such as 4096, 10MB or 1MiB")
		}
	case Root, Manifest:
		parsed, err := format.ParseCID(value)
		if err != nil {
			return p.expected("a CID")
		}
		c.CID = parsed
	case Version:
		for v, name := range versionNames {
			if strings.EqualFold(value, name) {
				c.Versions, ok = Versions(v), true
			}
		}
		if !ok {
			return p.expected("current, superseded or any")
		}
	default:
		c.Text = value
	}
	return nil
}

func (p *parser) order(q *Query) error {
	if found, err := p.accept("ORDER"); err != nil || !found {
		return err
	}
	if !p.token.is("BY") {
		return p.expected("BY")
	}
	if err := p.advance(); err != nil {
		return err
	}
	f, known := fieldOf(p.token.text)
	if p.token.kind != word || !known || !f.ordered() {
		return p.expected("time, size, type or owner")
	}
	q.Order = Order{Field: f}
	if err := p.advance(); err != nil {
		return err
	}
	if ascending, err := p.accept("ASC"); err != nil || ascending {
		return err
	}
	var err error
	q.Order.Descending, err = p.accept("DESC")
	return err
}

func (p *parser) limit(q *Query) error {
	if found, err := p.accept("LIMIT"); err != nil || !found {
		return err
	}
	n, err := strconv.ParseUint(p.token.text, 10, 32)
	if p.token.kind != word || err != nil || n < 1 || n > MaxLimit {
		return p.expected(fmt.Sprintf("a number from 1 to %d", MaxLimit))
	}
	q.Limit = int(n)
	return p.advance()
}

var sizeUnits = map[string]uint64{
	"": 1, "b": 1,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}

// parseSize reads a whole number of bytes, with a unit or without.
func parseSize(value string) (uint64, bool) {
	number, unit := splitNumber(value)
	bytes, known := sizeUnits[strings.ToLower(unit)]
	n, err := strconv.ParseUint(number, 10, 64)
	if !known || err != nil || n > math.MaxInt64/bytes {
		return 0, false
	}
	return n * bytes, true
}

func splitNumber(value string) (number, unit string) {
	at := strings.IndexFunc(value, func(r rune) bool { return r < '0' || r > '9' })
	if at < 0 {
		return value, ""
	}
	return value[:at], value[at:]
}

var ageUnits = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}

// parseTime reads a date, a time of RFC 3339, or how long ago a time is.
func parseTime(value string) (unixMilli uint64, ago time.Duration, ok bool) {
	if age, relative := strings.CutPrefix(value, "-"); relative {
		number, unit := splitNumber(age)
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n == 0 || ageUnits[unit] == 0 || n > math.MaxInt64/int64(ageUnits[unit]) {
			return 0, 0, false
		}
		return 0, time.Duration(n) * ageUnits[unit], true
	}
	t, err := time.Parse(time.DateOnly, value)
	if err != nil {
		t, err = time.Parse(time.RFC3339, value)
	}
	t = t.UTC()
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return 0, 0, false
	}
	return uint64(t.UnixMilli()), 0, true
}
