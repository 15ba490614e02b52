// Package demo tells IPDM's whole story with real processes, unattended: a network comes up, a real directory is
// stored, anchored, kept by providers that prove it and get paid; a cheater is caught, slashed and replaced; a crashed
// validator comes back; nothing is left running. Every step prints a line and leaves an object in the report.
package demo
