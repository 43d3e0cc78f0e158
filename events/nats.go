package events

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
)

var errLost = errors.New("events: nats: the connection was lost")

// NATS returns a relay over a NATS server that uses the subject. close disconnects it. The server need not be
// reachable yet: the relay keeps trying to connect. The error for an unusable URL does not quote it.
func NATS(url, subject string) (relay *Relay, close func(), err error) {
	connected, lost := make(chan struct{}, 1), make(chan struct{}, 1)
	conn, err := nats.Connect(url, nats.Name("taskql"), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
		nats.ConnectHandler(func(*nats.Conn) { wake(connected) }), nats.ReconnectHandler(func(*nats.Conn) { wake(connected) }),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { wake(lost) }))
	if err != nil {
		// The library's error quotes the URL with its password.
		return nil, nil, errors.New("the address is not valid; it must look like nats://host:4222")
	}
	relay = &Relay{Name: "NATS"}
	relay.Send = func(ctx context.Context, message string) error {
		if err := conn.Publish(subject, []byte(message)); err != nil {
			return err
		}
		return conn.FlushWithContext(ctx)
	}
	relay.Receive = func(ctx context.Context, ready func(), received func(string)) error {
		messages := make(chan *nats.Msg, 1000)
		subscription, err := conn.ChanSubscribe(subject, messages)
		if err != nil {
			return err
		}
		defer func() { _ = subscription.Unsubscribe() }()
		select { // drop the signal of an earlier connection
		case <-lost:
		default:
		}
		// The server has the subscription once the flush returns. Only then does no message get lost.
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
				received(string(message.Data))
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
