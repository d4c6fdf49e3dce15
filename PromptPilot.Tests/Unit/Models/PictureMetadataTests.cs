using PromptPilot.Core.Files;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>What is sent of a picture has its pixels and nothing else.</summary>
public class PictureMetadataTests
{
    public static TheoryData<string> Types => [MediaTypes.Jpeg, MediaTypes.Png, MediaTypes.Webp];

    [Theory]
    [MemberData(nameof(Types))]
    public void Metadata_IsRemoved_AndThePictureStaysByteForByte(string type)
    {
        var plain = SamplePictures.Plain(type);
        Has(SamplePictures.WithSecrets(type)).Should().BeTrue();

        PictureMetadata.Remove(SamplePictures.WithSecrets(type), type)!.Value.ToArray().Should().Equal(plain);
        PictureMetadata.Remove(plain, type)!.Value.ToArray().Should().Equal(plain);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void CutAnywhere_IsRefusedOrClean(string type)
    {
        var whole = SamplePictures.WithSecrets(type);
        for (var length = 0; length < whole.Length; length++)
        {
            if (PictureMetadata.Remove(whole.AsSpan(0, length), type) is { } clean)
            {
                Has(clean.Span).Should().BeFalse();
                clean.Length.Should().BeLessThanOrEqualTo(length);
            }
        }
    }

    /// <summary>Lengths and markers that lie: nothing may throw, hang or grow.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void AnyByteChanged_NeverThrows_AndIsNeverLonger(string type)
    {
        var whole = SamplePictures.WithSecrets(type);
        byte[] values = [0x00, 0x01, 0x7F, 0x80, 0xD9, 0xDA, 0xFE, 0xFF];
        for (var at = 0; at < whole.Length; at++)
        {
            var original = whole[at];
            foreach (var value in values)
            {
                whole[at] = value;
                (PictureMetadata.Remove(whole, type)?.Length ?? 0).Should().BeLessThanOrEqualTo(whole.Length);
            }

            whole[at] = original;
        }
    }

    [Fact]
    public void LongestLengths_AreRefused()
    {
        byte[] png = [.. SamplePictures.Plain(MediaTypes.Png)[..33], 0xFF, 0xFF, 0xFF, 0xFF, .. "IDAT"u8, 0, 0, 0, 0];
        byte[] webp = [.. "RIFF"u8, 0xFF, 0xFF, 0xFF, 0xFF, .. "WEBPVP8 "u8, 0xFF, 0xFF, 0xFF, 0xFF, 0];
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xC0, 0xFF, 0xFF, 8];
        byte[] shortest = [0xFF, 0xD8, 0xFF, 0xC0, 0, 1, 8];

        PictureMetadata.Remove(png, MediaTypes.Png).Should().BeNull();
        PictureMetadata.Remove(webp, MediaTypes.Webp).Should().BeNull();
        PictureMetadata.Remove(jpeg, MediaTypes.Jpeg).Should().BeNull();
        PictureMetadata.Remove(shortest, MediaTypes.Jpeg).Should().BeNull();
        PictureMetadata.Remove(jpeg, "image/gif").Should().BeNull();
    }

    [Fact]
    public void SegmentsBetweenTheScansOfAJpeg_AreRemovedToo()
    {
        byte[] frame = [0xFF, 0xC2, 0, 5, 8, 1, 1];
        byte[] scan = [0xFF, 0xDA, 0, 3, 1, 0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56];
        byte[] comment = [0xFF, 0xFE, 0, 4, 0xAB, 0xCD];
        byte[] end = [0xFF, 0xD9];

        PictureMetadata
            .Remove([0xFF, 0xD8, .. frame, .. scan, .. comment, .. scan, .. end], MediaTypes.Jpeg)!
            .Value.ToArray()
            .Should()
            .Equal([0xFF, 0xD8, .. frame, .. scan, .. scan, .. end]);
    }

    private static bool Has(ReadOnlySpan<byte> picture) => picture.IndexOf(SampleFiles.Utf8(SamplePictures.Secret)) >= 0;
}
