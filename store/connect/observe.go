package connect

import (
	"context"
	"database/sql/driver"
	"io"
)

// Observe is called with the text of a statement before it is sent. It returns the context of the statement, and a function that is
// called with its error when the statement has failed or its last row has been read.
type Observe func(ctx context.Context, statement string) (context.Context, func(error))

// begin calls o, if it is not nil.
func (o Observe) begin(ctx context.Context, text string) (context.Context, func(error)) {
	if o == nil {
		return ctx, func(error) {}
	}
	return o(ctx, text)
}

// query runs a query that returns rows.
func (o Observe) query(ctx context.Context, text string, run func(context.Context) (driver.Rows, error)) (driver.Rows, error) {
	ctx, end := o.begin(ctx, text)
	found, err := run(ctx)
	if err != nil {
		end(err)
		return nil, err
	}
	return &observedRows{Rows: found, end: end}, nil
}

// exec runs a statement without rows.
func (o Observe) exec(ctx context.Context, text string, run func(context.Context) (driver.Result, error)) (driver.Result, error) {
	ctx, end := o.begin(ctx, text)
	result, err := run(ctx)
	end(err)
	return result, err
}

// observedRows are the rows of an observed statement.
type observedRows struct {
	driver.Rows
	end func(error)
	err error
}

func (r *observedRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return err
}

func (r *observedRows) Close() error {
	err := r.Rows.Close()
	if r.err == nil {
		r.err = err
	}
	if r.end != nil { // database/sql may close twice
		r.end(r.err)
		r.end = nil
	}
	return err
}
