namespace PromptPilot.Core.Models.Faults;

/// <summary>Carries a fault that the HTTP layer recognized through the libraries above it, up to the gateway.</summary>
internal sealed class ModelFaultException(ModelFault fault) : Exception(fault.Message)
{
    public ModelFault Fault { get; } = fault;
}
