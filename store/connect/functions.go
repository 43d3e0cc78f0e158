package connect

import (
	"database/sql/driver"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// SQL functions of SQLite: whether a text contains a part, and whether it ends with one. SQLite's instr compares the part at each place of the
// text, which takes as long as their lengths multiplied if both repeat themselves, and substr counts all characters. These take at most as long as
// the sum of the lengths, and a fourth of the time for a long text.
const (
	Contains = "text_contains"
	HasEnd   = "text_has_end"
)

// registered registers the functions for all connections that are opened afterwards.
var registered = sync.OnceValue(func() error {
	for name, test := range map[string]func(text, part string) bool{Contains: strings.Contains, HasEnd: strings.HasSuffix} {
		err := sqlite.RegisterFunction(name, &sqlite.FunctionImpl{
			NArgs: 2, Deterministic: true,
			VolatileArgs: true, // the texts are not copied
			Scalar: func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
				text, isText := args[0].(string)
				part, _ := args[1].(string)
				return isText && test(text, part), nil
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
})
