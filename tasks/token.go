package tasks

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"taskql/models"
)

// feedPosition is a position in a user's change feed.
type feedPosition struct {
	// number is the number of the last change before the position.
	number int64
	// snapshot is the number of the user's last change when the client started its snapshot. The client never received
	// the tasks that were removed up to this number, so their removals are left out of the feed.
	snapshot int64
	// era is the era of the greater of the two; see store.Feed.Era. It is 0 for numbers from before the first era.
	era int64
}

// token returns the sync token of a position: the base64url encoding of a checksum, and of number, snapshot and era as varints.
// The checksum covers these, the user and the database's id. No client knows that id, so that made-up
// tokens are rejected, as are those of another user or database.
func (s *Service) token(user string, p feedPosition) string {
	text := make([]byte, checksumSize, checksumSize+3*binary.MaxVarintLen64)
	for _, n := range []int64{p.number, p.snapshot, p.era} {
		text = binary.AppendUvarint(text, uint64(n))
	}
	copy(text, s.tokenSum(user, text[checksumSize:]))
	return base64.RawURLEncoding.EncodeToString(text)
}

func (s *Service) tokenSum(user string, values []byte) []byte {
	sum := sha256.Sum256([]byte(s.DatabaseID + "\x00" + user + "\x00" + string(values)))
	return sum[:checksumSize]
}

// parseToken returns the position of a sync token. It fails with models.CodeBadSyncToken.
func (s *Service) parseToken(user, token string) (p feedPosition, err error) {
	invalid := &models.Error{Code: models.CodeBadSyncToken, Message: "since is not a sync token of this user in this database."}
	text, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || strings.ContainsAny(token, "\r\n") || len(text) < checksumSize || string(s.tokenSum(user, text[checksumSize:])) != string(text[:checksumSize]) {
		return p, invalid
	}
	rest := text[checksumSize:]
	// Tokens from before the first era end after the snapshot.
	for values := []*int64{&p.number, &p.snapshot, &p.era}; len(values) > 0 && len(rest) > 0; values = values[1:] {
		value, n := binary.Uvarint(rest)
		if n <= 0 {
			return p, invalid
		}
		*values[0], rest = int64(value), rest[n:]
	}
	if len(rest) > 0 {
		return p, invalid
	}
	return p, nil
}
