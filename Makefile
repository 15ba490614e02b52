# IPDM: every target that people and CI use. `make help` lists them.
SHELL := /usr/bin/env bash
.DEFAULT_GOAL := help

version := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
commit  := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
cli := github.com/ipdm-network/ipdm/cmd/internal/cli
sdk_version := github.com/cosmos/cosmos-sdk/version
ldflags := -s -w \
	-X $(sdk_version).Name=ipdm -X $(sdk_version).AppName=ipdmd \
	-X $(sdk_version).Version=$(version) -X $(sdk_version).Commit=$(commit) \
	-X $(cli).Version=$(version) -X $(cli).Commit=$(commit)
# ipdm itself starts often, and sooner without the C library to load.
go_build := go build -ldflags '$(ldflags)'
# The fuzz time of each target of `make test-fuzz`.
FUZZTIME ?= 10s
# Hashing shares no memory, and under the race detector a sector takes five times as long to seal.
race_off := $(foreach p,github.com/ipdm-network/ipdm/x/porep/proof/sdr crypto/sha256 crypto/internal/fips140/sha256,-gcflags=$(p)=-race=false)

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

build: ## Build ipdmd, ipdm with ipdm-node, ipdm-relayer, and the localnet runner into build/
	@mkdir -p build
	$(go_build) -o build/ ./cmd/ipdmd ./cmd/ipdm-node ./cmd/ipdm-relayer
	CGO_ENABLED=0 $(go_build) -o build/ ./cmd/ipdm
	$(go_build) -o build/ipdm-localnet ./testutil/localnet/cmd

install: ## Install ipdmd, ipdm, ipdm-node and ipdm-relayer into $(go env GOPATH)/bin
	go install -ldflags '$(ldflags)' ./cmd/ipdmd ./cmd/ipdm-node ./cmd/ipdm-relayer
	CGO_ENABLED=0 go install -ldflags '$(ldflags)' ./cmd/ipdm

proto: ## Generate the Go code and the OpenAPI document of proto/
	scripts/protogen

contracts: ## Build the Ethereum contracts: artifacts, gas table, Go bindings
	scripts/contracts

contracts-check: ## Build the Ethereum contracts again, compare, and run their tests
	scripts/contracts --check

lint: ## Run the linters
	scripts/lint

fmt: ## Format the Go code
	scripts/lint --fix

test: ## Run all tests but the process-level ones
	go test -timeout 20m ./...

test-race: ## Run the data node's and the codecs' tests under the race detector
	go test -race $(race_off) -timeout 30m ./sidecar/... ./sdk/... ./app/abci/... ./app/inbound ./app/sidecar ./bridge/relayer

test-s3: ## Run the object store's tests against a real S3 server (scripts/s3server)
	scripts/s3server go test -race -count 1 -timeout 20m ./sidecar/data/store/s3store
	scripts/s3server go test -count 1 -timeout 10m -run S3 ./sidecar/node

test-fuzz: ## Run each fuzz target for FUZZTIME
	scripts/fuzz $(FUZZTIME)

solana-program: ## Compile the Solana program (needs clang-19) into the images that are committed
	scripts/solanaprogram build bridge/solana/program/image

solana-program-check: ## Compare the Solana program's images with its sources, where clang-19 is, and test them on the virtual machine
	scripts/solanaprogram check
	scripts/solanaprogram test

solana-program-fuzz: ## Fuzz the Solana program's parsers and proofs natively (needs clang-19) for FUZZTIME each
	scripts/solanaprogram fuzz $(FUZZTIME)

kubo: ## Build Kubo, the IPFS node that ours is tested with
	scripts/kubo

test-e2e: build kubo ## Run the process-level tests (real processes, kills, restarts, Kubo) and catch the adversaries
	go test -count 1 -timeout 10m -v ./testutil/adversary/...
	go test -tags e2e -count 1 -timeout 25m -v ./testutil/e2e/...

bridge-e2e: build ## Run the bridge's tests with real chains: relayer, contracts, program
	go test -c -tags e2e -o build/tests/e2e ./testutil/e2e
	@began=$$(date +%s); \
	nice -n 5 go test -count 1 -timeout 10m ./bridge/... & parts=$$!; \
	(cd testutil/e2e && ../../build/tests/e2e -test.timeout 10m -test.v -test.run OnOtherChains); network=$$?; \
	wait $$parts && echo "after $$(($$(date +%s) - began)) s" && exit $$network

bridge-geth: build ## Run the bridge with go-ethereum's own node as the Ethereum
	scripts/geth
	go test -tags e2e,geth -count 1 -timeout 15m -v -run OnGeth ./testutil/e2e

test-crash: ## Kill a data node 200 times and look for lost bytes and orphans
	scripts/crash 200

bench: ## Run the benchmarks
	scripts/bench

localnet: build ## Run a 4-validator network in the foreground; Ctrl-C stops all of it
	build/ipdm-localnet up -n 4 --foreground --bin build

demo: build ## Run the whole story unattended; the report is build/demo/report.json
	build/ipdm-localnet demo --bin build --report build/demo/report.json

clean: ## Remove what was built
	rm -rf build third_party

.PHONY: help build install proto contracts contracts-check solana-program solana-program-check solana-program-fuzz lint fmt test test-race test-s3 test-fuzz kubo test-e2e bridge-e2e bridge-geth test-crash bench localnet demo clean
