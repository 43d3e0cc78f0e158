package events

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
)

var errLost = errors.New("events: nats: the connection was lost")

// NATS returns a relay over a NATS server, on a subject of its own. close ends it. The server need not
// be there yet: the relay connects when it is.
func NATS(url, subject string) (relay *Relay, close func(), err error) {
	connected, lost := make(chan struct{}, 1), make(chan struct{}, 1)
	conn, err := nats.Connect(url, nats.Name("taskql"), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
		nats.ConnectHandler(func(*nats.Conn) { wake(connected) }), nats.ReconnectHandler(func(*nats.Conn) { wake(connected) }),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { wake(lost) }))
	if err != nil {
		return nil, nil, errors.New("the address cannot be used: it must be one such as nats://host:4222") // the library quotes it, with its password
	}
	relay = &Relay{Name: "NATS"}
	relay.Send = func(ctx context.Context, message string) error {
		if err := conn.Publish(subject, []byte(message)); err != nil {
			return err
		}
		return conn.FlushWithContext(ctx)
	}
	relay.Receive = func(ctx context.Context, ready func(), heard func(string)) error {
		messages := make(chan *nats.Msg, 1000)
		subscription, err := conn.ChanSubscribe(subject, messages)
		if err != nil {
			return err
		}
		defer func() { _ = subscription.Unsubscribe() }()
		select { // of an earlier connection
		case <-lost:
		default:
		}
		// The server must know of the subscription before anything counts as heard.
		begin := func() error {
			ctx, cancel := context.WithTimeout(ctx, sendTimeout)
			defer cancel()
			err := conn.FlushWithContext(ctx)
			if err == nil {
				ready()
			}
			return err
		}
		if conn.IsConnected() {
			if err := begin(); err != nil {
				return err
			}
		}
		for {
			select {
			case message := <-messages:
				heard(string(message.Data))
			case <-connected:
				if err := begin(); err != nil {
					return err
				}
			case <-lost:
				return errLost
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return relay, conn.Close, nil
}
