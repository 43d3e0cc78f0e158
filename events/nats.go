package events

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
)

// NATS returns a relay over a NATS server, on a subject of its own. close ends it. The server need not
// be there yet: the relay connects when it is.
func NATS(url, subject string) (relay *Relay, close func(), err error) {
	reconnected := make(chan struct{}, 1)
	conn, err := nats.Connect(url, nats.Name("taskql"), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
		nats.ConnectHandler(func(*nats.Conn) { wake(reconnected) }), nats.ReconnectHandler(func(*nats.Conn) { wake(reconnected) }))
	if err != nil {
		return nil, nil, fmt.Errorf("events: nats: %w", err)
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
		if conn.IsConnected() {
			ready()
		}
		for {
			select {
			case message := <-messages:
				heard(string(message.Data))
			case <-reconnected:
				ready()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return relay, conn.Close, nil
}
