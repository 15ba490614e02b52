package app

import (
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/api"
	"github.com/cosmos/cosmos-sdk/server/config"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"

	"github.com/ipdm-network/ipdm/app/openapi"
)

// RegisterAPIRoutes adds the REST routes of all modules and, if the
// configuration asks for it, the OpenAPI document and a browser for it.
func (app *App) RegisterAPIRoutes(apiServer *api.Server, cfg config.APIConfig) {
	ctx, router := apiServer.ClientCtx, apiServer.GRPCGatewayRouter
	authtx.RegisterGRPCGatewayRoutes(ctx, router)
	cmtservice.RegisterGRPCGatewayRoutes(ctx, router)
	nodeservice.RegisterGRPCGatewayRoutes(ctx, router)
	app.basics.RegisterGRPCGatewayRoutes(ctx, router)

	if !cfg.Swagger {
		return
	}
	openapi.Register(apiServer.Router)
	if err := server.RegisterSwaggerAPI(ctx, apiServer.Router, true); err != nil {
		app.Logger().Error("failed to serve the OpenAPI browser", "err", err)
	}
}

// RegisterTxService adds the transaction service to the query router.
func (app *App) RegisterTxService(ctx client.Context) {
	ctx = ctx.WithTxConfig(ReadableTxConfig(app.Encoding.TxConfig))
	authtx.RegisterTxService(app.GRPCQueryRouter(), ctx, app.Simulate, app.Encoding.InterfaceRegistry)
}

// RegisterTendermintService adds the consensus query service to the query router.
func (app *App) RegisterTendermintService(ctx client.Context) {
	cmtservice.RegisterTendermintService(ctx, app.GRPCQueryRouter(), app.Encoding.InterfaceRegistry,
		server.NewCometABCIWrapper(app).Query)
}

// RegisterNodeService adds the node status service to the query router.
func (app *App) RegisterNodeService(ctx client.Context, cfg config.Config) {
	nodeservice.RegisterNodeService(ctx, app.GRPCQueryRouter(), cfg, func() int64 {
		return app.CommitMultiStore().EarliestVersion()
	})
}
