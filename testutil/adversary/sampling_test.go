package adversary_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	// trials is how many windows of a class each dropper lives through.
	trials = 500
	// doubt is how often a fair sampler would fail a check, were the world another one. Keys and times are fixed, so that these checks
	// have one outcome.
	doubt = 0.001
)

// Sizes of the encodings of a quiet dropper's contents, in bytes. Each content has 200.
const small, middling, large = 256, 1_024, 4_096

// quietDropper proves each window that asks for nothing that it lost, and misses the others: what it proves is the same in every window,
// so that each is a trial of its own.
type quietDropper struct{ *provider }

func newQuietDropper(name string, drops func(c *content, part int) bool) quietDropper {
	p := newProvider(name)
	p.drops = drops
	return quietDropper{p}
}

// TestDroppersAreCaughtAsOftenAsPredicted lets providers that lost 1/2, about 5 % and 1 % of their bytes live through windows of both
// classes, whose seeds come from the beacon and whose openings from the sum tree of the keeper, and compares how often the chain counts a
// window as missed with 1-(1-f)^q: exact binomial tests, two-sided, at 99.9 %.
func TestDroppersAreCaughtAsOftenAsPredicted(t *testing.T) {
	// What is lost lies together, so that it matters which bytes are asked for.
	droppers := []quietDropper{
		newQuietDropper("the first half of each", func(_ *content, part int) bool { return part < 100 }),
		newQuietDropper("the smallest, and the end of the next", func(c *content, part int) bool {
			return c.size == small || c.size == middling && part >= 198
		}),
		newQuietDropper("the end of each", func(_ *content, part int) bool { return part >= 198 }),
	}
	client := newAccount("client")
	accounts := []*account{client}
	for _, d := range droppers {
		accounts = append(accounts, d.account)
	}
	w := newWorld(t, 1, func(p *poreptypes.Params) { p.FaultMaxWindows = 10 * trials }, accounts...)
	for i, d := range droppers {
		d.fill(w, client, roguePrice-int64(i))
		d.answers = func(class poreptypes.Class, asked *poreptypes.QueryChallengesResponse) *poreptypes.MsgSubmitWindowProof {
			return d.proveIfWhole(w, class, asked)
		}
	}
	began := map[string]poreptypes.ProviderState{}
	classes := []poreptypes.Class{poreptypes.CLASS_OPEN, poreptypes.CLASS_SEALED}
	for _, d := range droppers {
		for _, class := range classes {
			began[d.name+class.String()] = w.proving(d.provider, class)
		}
	}
	from := len(w.log)
	period, response := poreptypes.LocalnetParams().ProvingPeriod, poreptypes.LocalnetParams().ResponseTime
	for ends := w.time.Add(trials * period); w.time.Before(ends); {
		w.block(response/2 - time.Millisecond)
	}
	w.checkBooks()

	missed := parse[*poreptypes.EventWindowMissed](w, w.log[from:])
	proven := parse[*poreptypes.EventWindowProven](w, w.log[from:])
	table := "| lost | f | class | q | windows | caught | predicted | windows until caught, mean | predicted | most |\n" +
		"|---|---|---|---|---|---|---|---|---|---|\n"
	for _, d := range droppers {
		for _, class := range classes {
			t.Run(d.name+" "+class.String(), func(t *testing.T) {
				var outcomes []trial
				for _, m := range missed {
					if m.Provider == d.text && m.Class == class {
						outcomes = append(outcomes, trial{m.Window, true})
					}
				}
				for _, p := range proven {
					if p.Provider == d.text && p.Class == class {
						require.Zero(t, p.Missing)
						outcomes = append(outcomes, trial{p.Window, false})
					}
				}
				state, before := w.proving(d.provider, class), began[d.name+class.String()]
				require.InDelta(t, state.ProvenWindows+state.MissedWindows-before.ProvenWindows-before.MissedWindows, len(outcomes), 1,
					"the chain's own count")
				require.Greater(t, len(outcomes), trials-3)
				f := w.lostFraction(d, class)
				table += judge(t, d.name, outcomes, class, f, int(state.Window.Openings))
			})
		}
	}
	t.Logf("\n%s", table)
	docs, err := os.ReadFile("../../docs/spec/adversaries.md")
	require.NoError(t, err)
	require.Contains(t, string(docs), table, "docs/spec/adversaries.md does not show what this test prints")
}

// fill has the dropper hold replicas of three sizes in each class, whole so far.
func (d quietDropper) fill(w *world, client *account, price int64) {
	w.Helper()
	drops := d.drops
	d.drops = nil
	w.join(d.provider, price)
	var deals []uint64
	for _, size := range []int{small, middling, large} {
		c := newContent(w, fmt.Sprint(d.name, size), 200, size)
		for _, class := range []poreptypes.Class{poreptypes.CLASS_OPEN, poreptypes.CLASS_SEALED} {
			deals = append(deals, w.order(client, c, class, price))
		}
	}
	for _, id := range deals {
		w.untilActive(id)
	}
	d.drops = drops
}

// proveIfWhole answers if nothing is asked for that the dropper lost.
func (d quietDropper) proveIfWhole(
	w *world, class poreptypes.Class, asked *poreptypes.QueryChallengesResponse,
) *poreptypes.MsgSubmitWindowProof {
	w.Helper()
	msg := w.proofOf(d.provider, class, asked)
	if class == poreptypes.CLASS_SEALED {
		made, err := proof.DecodeSealedWindowProof(msg.Proof)
		require.NoError(w, err)
		for _, opening := range made.Openings {
			if opening == nil {
				return nil
			}
		}
		return msg
	}
	made, err := proof.DecodeWindowProof(msg.Proof)
	require.NoError(w, err)
	for _, opening := range made.Openings {
		if opening == nil {
			return nil
		}
	}
	return msg
}

// lostFraction is the part of what the chain asks the dropper about that is not on its disk, exactly.
func (w *world) lostFraction(d quietDropper, class poreptypes.Class) float64 {
	w.Helper()
	res, err := w.porep().Units(w.state(), &poreptypes.QueryUnitsRequest{Provider: d.text, Class: class})
	require.NoError(w, err)
	require.Len(w, res.Units, 3)
	var lost, all int
	for _, unit := range res.Units {
		if class == poreptypes.CLASS_OPEN {
			c := w.contents[format.Digest(unit.CommD)]
			for part := range len(c.parts) {
				if d.lost(c, part) {
					lost += c.size
				}
			}
			all += int(unit.SizeBytes)
			continue
		}
		i := slices.IndexFunc(d.sectors, func(s *ownSector) bool { return s.id == unit.SectorId })
		for node := range unit.SizeBytes / poreptypes.NodeSizeBytes {
			if (disk{w, d.provider}).lostNode(d.sectors[i], unit.StartNode+node) {
				lost++
			}
			all++
		}
	}
	return float64(lost) / float64(all)
}

// judge compares the outcomes of windows with what q openings of bytes of which a part f is lost come to: how many catch the dropper, and
// how many it takes until one does. It returns a row of the table.
func judge(t *testing.T, lost string, outcomes []trial, class poreptypes.Class, f float64, q int) string {
	t.Helper()
	p := 1 - math.Pow(1-f, float64(q))
	caught := 0
	for _, o := range outcomes {
		if o.caught {
			caught++
		}
	}
	require.NoError(t, plausible(caught, len(outcomes), p))
	require.NoError(t, waitsPlausible(outcomes, p))
	mean, longest := waits(outcomes)
	require.LessOrEqual(t, longest, longestWait(caught, p))
	return fmt.Sprintf("| %s | %.2f%% | %s | %d | %d | %d | %.1f | %.2f | %.2f | %d |\n",
		lost, 100*f, strings.ToLower(strings.TrimPrefix(class.String(), "CLASS_")), q, len(outcomes), caught, p*float64(len(outcomes)),
		mean, 1/p, longest)
}
