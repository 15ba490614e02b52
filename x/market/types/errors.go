package types

import errorsmod "cosmossdk.io/errors"

// The errors of x/market.
var (
	// ErrAuthority reports a parameter change that governance did not sign.
	ErrAuthority = errorsmod.Register(ModuleName, 2, "signer is not the module's authority")
	// ErrInvalidParams reports parameters out of bounds.
	ErrInvalidParams = errorsmod.Register(ModuleName, 3, "invalid parameters")
	// ErrInvalidAsk reports an ask with a malformed or absurd number.
	ErrInvalidAsk = errorsmod.Register(ModuleName, 4, "invalid ask")
	// ErrInvalidEndpoint reports a malformed peer id, multiaddr or region.
	ErrInvalidEndpoint = errorsmod.Register(ModuleName, 5, "invalid endpoint")
	// ErrInvalidAmount reports an amount that is missing, not positive or absurd.
	ErrInvalidAmount = errorsmod.Register(ModuleName, 6, "invalid amount")
	// ErrProviderExists reports an account that is a provider already.
	ErrProviderExists = errorsmod.Register(ModuleName, 7, "provider is already registered")
	// ErrProviderNotFound reports an account that is no provider.
	ErrProviderNotFound = errorsmod.Register(ModuleName, 8, "provider is not registered")
	// ErrPledge reports a pledge below the minimum or below what backs the reserved bytes.
	ErrPledge = errorsmod.Register(ModuleName, 9, "pledge is too small")
	// ErrInvalidDeal reports a deal with a malformed identifier or a number out of bounds.
	ErrInvalidDeal = errorsmod.Register(ModuleName, 10, "invalid deal")
	// ErrSealedSize reports a deal with sealed replicas that fit into no sector.
	ErrSealedSize = errorsmod.Register(ModuleName, 11, "replica does not fit into a sector")
	// ErrFunds reports a client or provider that cannot pay.
	ErrFunds = errorsmod.Register(ModuleName, 12, "insufficient funds")
	// ErrDealNotFound reports a deal that does not exist.
	ErrDealNotFound = errorsmod.Register(ModuleName, 13, "deal does not exist")
	// ErrReplicaNotFound reports a replica index that the deal does not have.
	ErrReplicaNotFound = errorsmod.Register(ModuleName, 14, "replica does not exist")
	// ErrNotClient reports a signer that is not the deal's client.
	ErrNotClient = errorsmod.Register(ModuleName, 15, "signer is not the deal's client")
	// ErrNotAssigned reports a signer that the replica is not assigned to.
	ErrNotAssigned = errorsmod.Register(ModuleName, 16, "replica is not assigned to the signer")
	// ErrDealState reports a deal whose status does not allow the request.
	ErrDealState = errorsmod.Register(ModuleName, 17, "deal's status does not allow this")
	// ErrDeadline reports an activation after its deadline.
	ErrDeadline = errorsmod.Register(ModuleName, 18, "activation deadline has passed")
	// ErrProof reports an activation proof that is too large or does not verify.
	ErrProof = errorsmod.Register(ModuleName, 19, "activation proof is not valid")
	// ErrTooMany reports a settlement of no deals or of too many.
	ErrTooMany = errorsmod.Register(ModuleName, 20, "wrong number of deals")
	// ErrNoProvider reports that too few providers could take a deal.
	ErrNoProvider = errorsmod.Register(ModuleName, 21, "too few providers could take this deal")
	// ErrInvalidRefusal reports a refusal with an unknown reason.
	ErrInvalidRefusal = errorsmod.Register(ModuleName, 22, "invalid refusal")
	// ErrUnit reports a call of x/porep about a unit that the market did not expect.
	ErrUnit = errorsmod.Register(ModuleName, 23, "unit does not match its replica")
	// ErrInvalidGenesis reports a genesis state that contradicts itself.
	ErrInvalidGenesis = errorsmod.Register(ModuleName, 24, "invalid genesis state")
	// ErrInvariant reports state that contradicts itself.
	ErrInvariant = errorsmod.Register(ModuleName, 25, "broken invariant")
	// ErrTooManyProviders reports a registration when every slot is taken.
	ErrTooManyProviders = errorsmod.Register(ModuleName, 26, "too many providers")
	// ErrSealedActivation reports an activation proof for a sealed replica, which the validators' verdict on its seal activates.
	ErrSealedActivation = errorsmod.Register(ModuleName, 27, "sealed replicas are activated by their seal")
	// ErrJailed reports a provider that may take nothing on yet after a false seal.
	ErrJailed = errorsmod.Register(ModuleName, 28, "provider is jailed")
)
