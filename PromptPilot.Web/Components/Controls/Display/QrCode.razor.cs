using Microsoft.AspNetCore.Components;
using QRCoder;

namespace PromptPilot.Web.Components.Controls.Display;

public sealed partial class QrCode
{
    private int _size;
    private string _path = "";

    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    protected override void OnParametersSet()
    {
        using var data = QRCodeGenerator.GenerateQrCode(Text, QRCodeGenerator.ECCLevel.M);
        _size = data.ModuleMatrix.Count;
        _path = string.Concat(
            Enumerable
                .Range(0, _size)
                .SelectMany(y => Enumerable.Range(0, _size).Where(x => data.ModuleMatrix[y][x]).Select(x => $"M{x} {y}h1v1h-1z"))
        );
    }
}
