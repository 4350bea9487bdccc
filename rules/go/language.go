// Patterns for what Python does at run time and Go at compile time. Parts of functions that compile; nothing calls them.

package patterns

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"math/big"
	"os"
	"os/signal"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Driver is what the examples register.
type Driver interface{ Open(name string) error }

type csvDriver struct{}

func (csvDriver) Open(string) error { return nil }

type order struct {
	ID    int64
	Lines []string
}

// pattern: consumer-interface
// Biller says, in package orders, what orders needs of billing: billing imports orders, never the reverse.
type Biller interface {
	Charge(ctx context.Context, amount int64) error
}

// end

// pattern: function-table
var formulas = map[string]func(a, b float64) float64{
	"sum":   func(a, b float64) float64 { return a + b },
	"ratio": func(a, b float64) float64 { return a / b },
}

// end

// pattern: registry
var drivers = map[string]func() Driver{}

// Register is called by each driver's own init; nothing is looked for at run time.
func Register(name string, open func() Driver) { drivers[name] = open }

// end

// pattern: registration
func init() {
	Register("csv", func() Driver { return csvDriver{} })
}

// end

// pattern: function-field
type poller struct {
	now func() time.Time // time.Now; a test sets another
}

// end

// Store is what the wrapper stands in front of.
type Store interface {
	Get(key string) (string, error)
}

// pattern: wrapper
type logged struct{ Store } // methods that are not written are those of the embedded Store

func (l logged) Get(key string) (string, error) {
	log.Print("get ", key)
	return l.Store.Get(key)
}

// end

func open(data []byte) (map[string]any, error) {
	// pattern: open-fields
	row := map[string]any{}
	err := json.Unmarshal(data, &row) // fields that nobody knows before run time
	name, ok := row["name"].(string)
	// end
	_, _ = name, ok
	return row, err
}

func caller() string {
	// pattern: caller
	_, file, line, _ := runtime.Caller(1) // file and line, no variables of the caller
	where := fmt.Sprintf("%s:%d", file, line)
	// end
	return where
}

func typed(body io.Reader) (order, error) {
	// pattern: typed-message
	var got order
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&got) // fields are declared once, in the struct
	// end
	return got, err
}

func byName(name string, csv, xml func() error) error {
	// pattern: by-name
	actions := map[string]func() error{"csv": csv, "xml": xml}
	action, ok := actions[name]
	if !ok {
		return fmt.Errorf("no action %q", name)
	}
	// end
	return action()
}

func fields(value any) []string {
	// pattern: fields
	var names []string
	kind := reflect.TypeOf(value) // slow, and unchecked: for serialisers, not for logic
	for i := 0; i < kind.NumField(); i++ {
		names = append(names, kind.Field(i).Name)
	}
	// end
	return names
}

// pattern: accessor
type account struct{ cents int64 }

// Balance is a method where Python had a property or descriptor: the caller writes the brackets.
func (a account) Balance() float64 { return float64(a.cents) / 100 }

// end

// pattern: composition
type service struct {
	Store             // its methods, without an override: a call inside of Store never comes back here
	log   *log.Logger // what a mixin brought is a field
}

// end

// pattern: options
type options struct {
	Retries int
	Timeout time.Duration
}

// end

func middleware(next func(context.Context) error) func(context.Context) error {
	// pattern: wrapping-function
	return func(ctx context.Context) error {
		started := time.Now()
		defer func() { log.Print(time.Since(started)) }()
		return next(ctx)
	}
	// end
}

func typeSwitch(value any) string {
	// pattern: type-switch
	switch v := value.(type) { // no compiler tells which type is missing
	case string:
		return v
	}
	// end
	return ""
}

// pattern: optional
type profile struct {
	Name  string
	Email *string // nil: not told; "" is a value
}

// end

// pattern: iterator
func lines(rows []order) iter.Seq[string] {
	return func(yield func(string) bool) {
		_ = len(rows) > 0 && yield(rows[0].Lines[0]) // false: the caller's loop has ended
	}
}

// end

func twoWay(ctx context.Context) int {
	// pattern: two-way
	asks, answers := make(chan int), make(chan int) // what send() and yield carried
	go func() { answers <- 2 * <-asks }()
	asks <- 21
	return <-answers
	// end
}

func collect(rows []order) []int64 {
	// pattern: loop
	ids := make([]int64, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	// end
	return ids
}

func deferred(path string) error {
	// pattern: defer
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() // at the end of the function, not of the block
	// end
	return nil
}

var errGone = errors.New("gone")

func errorValues(err error) error {
	// pattern: error-values
	if errors.Is(err, errGone) {
		return nil
	}
	return fmt.Errorf("reading the order: %w", err)
	// end
}

func recovered(run func()) (err error) {
	// pattern: recover
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause) // only at the edge: a handler, a worker
		}
	}()
	// end
	run()
	return err
}

// pattern: methods
func (o order) Equal(other order) bool {
	return o.ID == other.ID && slices.Equal(o.Lines, other.Lines) // == refuses slices
}

// end

// pattern: key
type orderKey struct { // a struct of plain values is a map key; slices and maps are none
	Shop string
	ID   int64
}

// end

func mutate(rows []order) {
	// pattern: by-index
	for i := range rows {
		rows[i].ID++ // `for _, row := range` would change a copy
	}
	// end
}

func clone(from order) order {
	// pattern: clone
	to := from // copies the struct, not what its slices and maps point to
	to.Lines = slices.Clone(from.Lines)
	// end
	return to
}

// pattern: constructor
func newServer(path string) (*os.File, error) { // called by main, not by an import
	return os.Open(path)
}

// end

// pattern: close
type session struct{ file *os.File }

// Close is called by who made it: no finalizer runs in time.
func (s *session) Close() error { return s.file.Close() }

// end

func large(a, b int64) *big.Int {
	// pattern: large-numbers
	product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) // int64 wraps round and says nothing
	// end
	return product
}

func floorMod(a, b int) int {
	// pattern: floor-division
	rest := a % b // -7 % 3 is -1 here and 2 in Python
	if rest != 0 && (rest < 0) != (b < 0) {
		rest += b
	}
	// end
	return rest
}

func text(word string) string {
	// pattern: runes
	letters := []rune(word)         // word[0] is a byte
	last := letters[len(letters)-1] // -1 does not count from the end
	// end
	return string(last)
}

func twoSteps(line string) (string, bool) {
	// pattern: two-step-match
	price := regexp.MustCompile(`(\d+) EUR`) // RE2 has no look-ahead: match more, then look
	found := price.FindStringSubmatch(line)
	if len(found) == 2 && !strings.HasPrefix(found[1], "0") {
		return found[1], true
	}
	// end
	return "", false
}

func layout(at time.Time) string {
	// pattern: time-layout
	day := at.UTC().Format("2006-01-02T15:04") // %Y-%m-%dT%H:%M; a time always has a zone
	// end
	return day
}

func signals(ctx context.Context) error {
	// pattern: signals
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	<-ctx.Done() // every goroutine that has the context ends by itself
	// end
	return ctx.Err()
}

type userKey struct{}

func scoped(ctx context.Context, user string) string {
	// pattern: context-value
	ctx = context.WithValue(ctx, userKey{}, user) // nothing is local to a goroutine: pass it on
	name, _ := ctx.Value(userKey{}).(string)
	// end
	return name
}

// pattern: once
var settings = sync.OnceValue(func() map[string]string {
	return map[string]string{"region": os.Getenv("REGION")}
})

// end

func ordered(totals map[string]int) []string {
	// pattern: ordered-keys
	keys := make([]string, 0, len(totals))
	for key := range totals { // in no order, and another one each time
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(totals[a], totals[b]) })
	// end
	return keys
}
