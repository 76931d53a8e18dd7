// Judges a log by the Go team's own packages: exit 0 if note and proofs are accepted, 1 with the reason otherwise.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type log struct {
	Key         string
	Checkpoint  string
	Index       int64
	Entry       []byte
	Inclusion   []tlog.Hash
	OldSize     int64
	OldRoot     tlog.Hash
	Consistency []tlog.Hash
}

func judge(given log) error {
	verifier, err := note.NewVerifier(given.Key)
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(given.Checkpoint), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(given.Inclusion, size, root, given.Index, tlog.RecordHash(given.Entry)); err != nil {
		return err
	}
	return tlog.CheckTree(given.Consistency, size, root, given.OldSize, given.OldRoot)
}

func main() {
	var logs []log
	if err := json.NewDecoder(os.Stdin).Decode(&logs); err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	for _, given := range logs {
		if err := judge(given); err != nil {
			fmt.Println(err)
		} else {
			fmt.Println("accepted")
		}
	}
}
