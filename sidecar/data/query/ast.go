package query

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ipfs/go-cid"
)

// Subject is what is known of a manifest.
type Subject struct {
	Root       cid.Cid
	Manifest   cid.Cid
	Owner      string   // as the node names creators
	Tags       []string // "key=value", ascending
	Type       string
	UnixMilli  int64
	SizeBytes  uint64
	Supersedes cid.Cid // what it says it replaces, or cid.Undef
	Superseded bool    // a later version of it is known
}

// Query is a filter with an order and a limit. It is not changed after it is made, and may be used concurrently.
type Query struct {
	// Filter is what is asked for, nil for everything.
	Filter Expr
	Order  Order
	// Limit is the largest number of rows, 0 if the query names none.
	Limit int
}

// Order is how answers are ordered. Equal ones follow by their manifests, in the same direction.
type Order struct {
	Field      Field // Time, Size, Type or Owner
	Descending bool
}

// Expr is a part of a filter: And, Or, Not or *Comparison.
type Expr interface {
	String() string
	match(s *Subject) bool
	// at returns the expression with relative times fixed.
	at(now time.Time) Expr
}

// And matches what all its parts match. It has at least two.
type And []Expr

// Or matches what one of its parts matches. It has at least two.
type Or []Expr

// Not matches what its part does not.
type Not struct{ Expr Expr }

// Comparison compares a field with a value.
type Comparison struct {
	Field    Field
	Operator Operator
	Key      string // of a Tag

	Text     string        // the value of a Tag, Type or Owner
	Number   uint64        // of a Size, in bytes, or a Time, in unix milliseconds
	Ago      time.Duration // of a relative Time instead: how long before now, whole seconds above zero
	CID      cid.Cid       // of a Root or Manifest
	Versions Versions      // of a Version
}

// Versions says which versions of content a query is about.
type Versions uint8

// The versions. A query that says nothing is about current ones.
const (
	Current Versions = iota
	Superseded
	Any
)

var versionNames = [...]string{Current: "current", Superseded: "superseded", Any: "any"}

// Match tells whether the query's filter matches. Superseded versions do not, unless the filter speaks of versions.
// Relative times must be fixed: see At.
func (q *Query) Match(s *Subject) bool {
	if s.Superseded && !q.namesVersions() {
		return false
	}
	return q.Filter == nil || q.Filter.match(s)
}

func (q *Query) namesVersions() bool {
	for c := range Comparisons(q.Filter) {
		if c.Field == Version {
			return true
		}
	}
	return false
}

// At returns the query with relative times counted back from now, so that every node takes them for the same.
func (q *Query) At(now time.Time) *Query {
	fixed := *q
	if q.Filter != nil {
		fixed.Filter = q.Filter.at(now)
	}
	return &fixed
}

// AllVersions returns the query, about superseded versions as well unless it speaks of versions itself.
func (q *Query) AllVersions() *Query {
	if q.namesVersions() {
		return q
	}
	all := *q
	anyVersion := &Comparison{Field: Version, Operator: Equal, Versions: Any}
	if q.Filter == nil {
		all.Filter = anyVersion
	} else {
		all.Filter = And{q.Filter, anyVersion}
	}
	return &all
}

// Comparisons yields every comparison of an expression, which may be nil.
func Comparisons(e Expr) func(yield func(*Comparison) bool) {
	return func(yield func(*Comparison) bool) { each(e, yield) }
}

func each(e Expr, yield func(*Comparison) bool) bool {
	switch e := e.(type) {
	case And:
		return !slices.ContainsFunc(e, func(part Expr) bool { return !each(part, yield) })
	case Or:
		return !slices.ContainsFunc(e, func(part Expr) bool { return !each(part, yield) })
	case Not:
		return each(e.Expr, yield)
	case *Comparison:
		return yield(e)
	}
	return true
}

func (a And) match(s *Subject) bool {
	for _, e := range a {
		if !e.match(s) {
			return false
		}
	}
	return true
}

func (o Or) match(s *Subject) bool {
	for _, e := range o {
		if e.match(s) {
			return true
		}
	}
	return false
}

func (n Not) match(s *Subject) bool { return !n.Expr.match(s) }

func (c *Comparison) match(s *Subject) bool {
	switch c.Field {
	case Tag:
		if c.Operator == NotEqual {
			return !c.anyTag(s.Tags, Equal)
		}
		return c.anyTag(s.Tags, c.Operator)
	case Time:
		return holds(c.Operator, cmp.Compare(uint64(s.UnixMilli), c.Number))
	case Size:
		return holds(c.Operator, cmp.Compare(s.SizeBytes, c.Number))
	case Type:
		return c.matchText(s.Type, c.Operator)
	case Owner:
		return c.matchText(s.Owner, c.Operator)
	case Root:
		return s.Root.Equals(c.CID) == (c.Operator == Equal)
	case Manifest:
		return s.Manifest.Equals(c.CID) == (c.Operator == Equal)
	case Version:
		is := c.Versions == Any || s.Superseded == (c.Versions == Superseded)
		return is == (c.Operator == Equal)
	}
	return false
}

// anyTag tells whether a tag of the comparison's key has a value that compares so.
func (c *Comparison) anyTag(tags []string, o Operator) bool {
	for _, tag := range tags {
		if len(tag) > len(c.Key) && tag[len(c.Key)] == '=' && tag[:len(c.Key)] == c.Key && c.matchText(tag[len(c.Key)+1:], o) {
			return true
		}
	}
	return false
}

func (c *Comparison) matchText(text string, o Operator) bool {
	if o == HasPrefix {
		return strings.HasPrefix(text, c.Text)
	}
	return holds(o, strings.Compare(text, c.Text))
}

// holds tells whether an operator holds for values that compare as order says.
func holds(o Operator, order int) bool {
	switch o {
	case Equal:
		return order == 0
	case NotEqual:
		return order != 0
	case Less:
		return order < 0
	case LessOrEqual:
		return order <= 0
	case Greater:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	}
	return false
}

func (a And) at(now time.Time) Expr { return And(allAt(a, now)) }

func (o Or) at(now time.Time) Expr { return Or(allAt(o, now)) }

func allAt(parts []Expr, now time.Time) []Expr {
	fixed := make([]Expr, len(parts))
	for i, e := range parts {
		fixed[i] = e.at(now)
	}
	return fixed
}

func (n Not) at(now time.Time) Expr { return Not{n.Expr.at(now)} }

func (c *Comparison) at(now time.Time) Expr {
	if c.Ago == 0 {
		return c
	}
	fixed := *c
	fixed.Number, fixed.Ago = uint64(max(now.Add(-c.Ago).UnixMilli(), 0)), 0
	return &fixed
}

// String returns a text that Parse reads as the same query.
func (q *Query) String() string {
	var parts []string
	if q.Filter != nil {
		parts = append(parts, q.Filter.String())
	}
	direction := "ASC"
	if q.Order.Descending {
		direction = "DESC"
	}
	parts = append(parts, "ORDER BY", q.Order.Field.String(), direction)
	if q.Limit > 0 {
		parts = append(parts, "LIMIT", strconv.Itoa(q.Limit))
	}
	return strings.Join(parts, " ")
}

// String implements Expr.
func (a And) String() string { return join(a, " AND ") }

// String implements Expr.
func (o Or) String() string { return join(o, " OR ") }

// String implements Expr.
func (n Not) String() string { return "NOT " + operand(n.Expr) }

func join(parts []Expr, between string) string {
	texts := make([]string, len(parts))
	for i, e := range parts {
		texts[i] = operand(e)
	}
	return strings.Join(texts, between)
}

// operand writes an expression as a part of another.
func operand(e Expr) string {
	switch e.(type) {
	case And, Or:
		return "(" + e.String() + ")"
	}
	return e.String()
}

// String implements Expr.
func (c *Comparison) String() string {
	name := c.Field.String()
	if c.Field == Tag {
		name += quoted(c.Key)
	}
	return name + c.Operator.String() + c.value()
}

func (c *Comparison) value() string {
	switch c.Field {
	case Time:
		if c.Ago > 0 {
			return "-" + strconv.FormatInt(int64(c.Ago/time.Second), 10) + "s"
		}
		return time.UnixMilli(int64(c.Number)).UTC().Format("2006-01-02T15:04:05.999Z07:00")
	case Size:
		return strconv.FormatUint(c.Number, 10)
	case Root, Manifest:
		return c.CID.String()
	case Version:
		return versionNames[c.Versions]
	}
	return quoted(c.Text)
}

// quoted returns a text as it is if it is one word, else in quotes.
func quoted(text string) string {
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !wordRune(r) }) {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
