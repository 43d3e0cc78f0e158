package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of the times in /proc/PID/stat, on every platform of Linux that Go supports.
const clockTick = 10 * time.Millisecond

// processStat is what /proc/PID/stat tells of a process.
type processStat struct {
	parent int
	cpu    time.Duration // user and system time, its own and that of children that have ended
}

func parseStat(text []byte) (processStat, error) {
	// The second field is the program's name in brackets, which may contain blanks and brackets.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 15 {
		return processStat{}, fmt.Errorf("not a line of /proc/PID/stat: %q", text)
	}
	parent, err := strconv.Atoi(fields[1])
	s := processStat{parent: parent}
	for _, field := range fields[11:15] {
		ticks, parseErr := strconv.ParseInt(field, 10, 64)
		if parseErr != nil {
			err = parseErr
		}
		s.cpu += time.Duration(ticks) * clockTick
	}
	return s, err
}

// treeCPU returns the CPU time that the processes and all their descendants have used so far.
func treeCPU(roots ...int) time.Duration {
	all := map[int]processStat{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is valid
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file))) // digits only
		if stat, err := parseStat(text); err == nil {
			all[pid] = stat
		}
	}
	return sumTree(all, roots)
}

func sumTree(all map[int]processStat, roots []int) (sum time.Duration) {
	for _, root := range roots {
		for pid := range all {
			for at := pid; at > 1; at = all[at].parent {
				if at == root {
					sum += all[pid].cpu
					break
				}
			}
		}
	}
	return sum
}

// residentMiB returns how much memory the processes occupy.
func residentMiB(pids ...int) float64 {
	var pages int64
	for _, pid := range pids {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid)) // no text when it has ended
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			n, _ := strconv.ParseInt(fields[1], 10, 64) // the kernel wrote a number
			pages += n
		}
	}
	return float64(pages) * float64(os.Getpagesize()) / (1 << 20)
}
